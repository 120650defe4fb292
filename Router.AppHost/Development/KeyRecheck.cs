using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Router.AppHost.Development;

/// <summary>The worker's command "Re-check all keys": asks the API, as the administrator, to make every stored key due.</summary>
internal static partial class KeyRecheck
{
    public const string Command = "recheck-keys";

    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public static IResourceBuilder<ProjectResource> WithKeyRecheck(this IResourceBuilder<ProjectResource> worker, EndpointReference api, IResourceBuilder<ParameterResource> adminKey) =>
        worker.WithCommand(
            Command,
            "Re-check all keys",
            context => RunAsync(context, api, adminKey),
            new CommandOptions { Description = "Checks every stored provider key against its provider now, rather than when it is due.", IconName = "KeyMultiple" });

    private static async Task<ExecuteCommandResult> RunAsync(ExecuteCommandContext context, EndpointReference api, IResourceBuilder<ParameterResource> adminKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(api.Url), "/api/provider-keys/recheck"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await adminKey.Resource.GetValueAsync(context.CancellationToken));
        try
        {
            using var response = await s_http.SendAsync(request, context.CancellationToken);
            var answer = await response.Content.ReadAsStringAsync(context.CancellationToken);
            if (!response.IsSuccessStatusCode)
                return CommandResults.Failure($"The API answered {(int)response.StatusCode}: {answer}");
            LogAsked(context.Logger, answer);
            return CommandResults.Success();
        }
        catch (HttpRequestException e)
        {
            return CommandResults.Failure($"The API does not answer: {e.Message}");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Every stored key will be checked: {Answer}")]
    private static partial void LogAsked(ILogger logger, string answer);
}
