using Microsoft.Extensions.DependencyInjection;

namespace Router.AppHost.Development;

/// <summary>The API's command "Rotate development keys": a new router key and a new admin key, and the old ones mean nothing any more.</summary>
internal static class KeyRotation
{
    public const string Command = "rotate-keys";

    public static IResourceBuilder<ProjectResource> WithKeyRotation(
        this IResourceBuilder<ProjectResource> api,
        IResourceBuilder<ProjectResource> migrations,
        IResourceBuilder<ParameterResource> routerKey,
        IResourceBuilder<ParameterResource> adminKey) => api.WithCommand(
            Command,
            "Rotate development keys",
            context => RunAsync(context, api.ApplicationBuilder, migrations.Resource, routerKey.Resource, adminKey.Resource),
            new CommandOptions
            {
                Description = "Makes a new router key and a new admin key; the API restarts with them.",
                ConfirmationMessage = "Programs that use the present router key, and your session in the Studio, end.",
                IconName = "KeyReset",
            });

    private static async Task<ExecuteCommandResult> RunAsync(
        ExecuteCommandContext context, IDistributedApplicationBuilder builder, IResource migrations, ParameterResource routerKey, ParameterResource adminKey)
    {
        if (new[] { routerKey, adminKey }.FirstOrDefault(parameter => builder.Configuration.ParameterValue(parameter.Name) is { Length: > 0 }) is { } given)
            return CommandResults.Failure($"The parameter {given.Name} was given at the start; give another one there.");

        var commands = context.Services.GetRequiredService<ResourceCommandService>();
        var secrets = new Dictionary<string, string> { [DeveloperSecrets.RouterKey] = DeveloperSecrets.NewRouterKey(), [DeveloperSecrets.AdminKey] = DeveloperSecrets.NewAdminKey() };
        new SecretFile(StateDirectory.OfRun(builder.Configuration)).Replace(secrets);
        foreach (var parameter in new[] { routerKey, adminKey })
        {
            // What the dashboard's own command does. A changed admin key restarts the API.
            var result = await commands.ExecuteCommandAsync(parameter, KnownResourceCommands.SetParameterCommand, Arguments(secrets[parameter.Name]), context.CancellationToken);
            if (!result.Success) return result;
        }

        // The migrations put the router key into the database and take the former one out.
        var seeded = await commands.ExecuteCommandAsync(migrations, KnownResourceCommands.StartCommand, context.CancellationToken);
        return seeded.Success ? CommandResults.Success("There are new keys; the console and the parameters show them.") : seeded;
    }

    private static InteractionInputCollection Arguments(string value) => new(
    [
        new InteractionInput { Name = "Value", InputType = InputType.SecretText, Value = value },
        new InteractionInput { Name = "SaveToUserSecrets", InputType = InputType.Boolean, Value = "false" },
    ]);
}
