#pragma warning disable ASPIREINTERACTION001 // What the dashboard's own dialog sends.
using System.Net;
using System.Text.Json.Nodes;
using Router.AppHost.Development;

namespace Router.Tests.AppHost;

/// <summary>What a person does to keys in the dashboard.</summary>
public sealed class DashboardKeysTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_provider_key_that_is_entered_takes_effect_and_development_keys_can_be_rotated()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Router_AppHost>([], (options, _) => options.DisableDashboard = false, Cancel);
        await using var app = await builder.BuildAsync(Cancel);
        await app.StartAsync(Cancel);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
        using HttpClient api = app.CreateHttpClient("api", "http");
        ParameterResource routerKey = Parameter("router-key"), adminKey = Parameter("admin-key");
        Assert.True((bool)(await ProvidersAsync())["openai"]!);

        ParameterResource openai = Parameter("openai-api-key");
        ExecuteCommandResult set = await app.ResourceCommands.ExecuteCommandAsync(openai, KnownResourceCommands.SetParameterCommand, Arguments("sk-entered"), Cancel);
        Assert.True(set.Success, set.Message);
        await EventuallyAsync(async () => !(bool)(await ProvidersAsync())["openai"]!);

        string before = (await routerKey.GetValueAsync(Cancel))!;
        Assert.Equal(HttpStatusCode.OK, await ModelsAsync(before));
        ExecuteCommandResult rotated = await app.ResourceCommands.ExecuteCommandAsync("api", KeyRotation.Command, Cancel);
        Assert.True(rotated.Success, rotated.Message);
        string after = (await routerKey.GetValueAsync(Cancel))!;
        Assert.NotEqual(before, after);
        await EventuallyAsync(async () => await ModelsAsync(before) == HttpStatusCode.Unauthorized && await ModelsAsync(after) == HttpStatusCode.OK);
        await EventuallyAsync(async () => (await ProvidersAsync()).Count > 0);

        string state = builder.Configuration["Router:StateDirectory"]!;
        Assert.True(Directory.Exists(state));
        await app.StopAsync(Cancel);
        Assert.False(Directory.Exists(state), "A test's state is left behind.");

        ParameterResource Parameter(string name) => builder.Resources.OfType<ParameterResource>().Single(parameter => parameter.Name == name);

        async Task<HttpStatusCode> ModelsAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Authorization = new("Bearer", key) } };
            using HttpResponseMessage response = await api.SendAsync(request, Cancel);
            return response.StatusCode;
        }

        // Whether each provider is simulated.
        async Task<Dictionary<string, JsonNode>> ProvidersAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/providers") { Headers = { Authorization = new("Bearer", await adminKey.GetValueAsync(Cancel)) } };
            using HttpResponseMessage response = await api.SendAsync(request, Cancel);
            response.EnsureSuccessStatusCode();
            JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel))!;
            return answer["providers"]!.AsArray().ToDictionary(provider => (string)provider!["provider"]!, provider => provider!["simulated"]!);
        }
    }

    private static InteractionInputCollection Arguments(string value) => new(
    [
        new InteractionInput { Name = "Value", InputType = InputType.SecretText, Value = value },
        new InteractionInput { Name = "SaveToUserSecrets", InputType = InputType.Boolean, Value = "false" },
    ]);

    /// <summary>The API restarts meanwhile.</summary>
    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException) when (i < 300)
            {
                // It is not there at the moment.
            }

            Assert.True(i < 300, "It did not take effect.");
            await Task.Delay(100, Cancel);
        }
    }
}
