using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Router.Core.Keys;
using Router.Core.Settings;

namespace Router.AppHost.Development;

/// <summary>What is looked at before anything starts. Whatever is wrong is one sentence, and nothing is started.</summary>
internal static class StartChecks
{
    public static StartFault? FindStartFault(this IDistributedApplicationBuilder builder)
    {
        if (!builder.ExecutionContext.IsRunMode) return null;

        builder.ChooseStateDirectory();
        var directory = StateDirectory.OfRun(builder.Configuration);
        return FindWrongSettings(builder.Configuration)
            ?? TakeLock(builder, directory)
            ?? new SecretFile(directory).FindFault()
            ?? FindWrongSecrets(builder.Configuration, directory)
            ?? builder.ChoosePorts();
    }

    /// <summary>A number among the settings; <see cref="FindStartFault"/> has refused what is none.</summary>
    public static int Number(this IConfiguration configuration, string setting, int usual) =>
        int.TryParse(configuration[setting], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : usual;

    private static StartFault? FindWrongSettings(IConfiguration configuration)
    {
        string[] unknown = [.. KnownSettings.Unknown(configuration)];
        if (unknown.Length > 0) return new(string.Join(Environment.NewLine, unknown));

        foreach (var (setting, least, most) in ((string, int, int)[])[("Router:Replicas", 1, 100), ("Router:Workers", 1, 100), (LocalPorts.Setting, 1, 65_535)])
        {
            if (configuration[setting] is { Length: > 0 } value
                && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
                return new($"{KnownSettings.AsVariable(setting)} is \"{value}\". It takes a number from {least} to {most}.");
        }

        return null;
    }

    private static StartFault? TakeLock(IDistributedApplicationBuilder builder, string directory)
    {
        if (builder.IsTemporary()) return null;
        var (taken, fault) = StateLock.Take(directory);
        if (taken is not null) builder.Services.AddSingleton(taken);
        return fault;
    }

    /// <summary>Secrets that the developer gave or that were kept: their form. No message shows one.</summary>
    private static StartFault? FindWrongSecrets(IConfiguration configuration, string directory)
    {
        var secrets = new SecretFile(directory);
        var master = configuration.ParameterValue(DeveloperSecrets.MasterKey) ?? secrets.Find(DeveloperSecrets.MasterKey);
        if (master is { Length: > 0 })
        {
            try
            {
                MasterKeyConfiguration.Load(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>("Router:MasterKeys:0", master)]).Build());
            }
            catch (OptionsValidationException e)
            {
                return new($"The parameter master-key is malformed: {string.Join("; ", e.Failures)}. Give name:base64 of 32 random bytes.");
            }
        }

        var router = configuration.ParameterValue(DeveloperSecrets.RouterKey) ?? secrets.Find(DeveloperSecrets.RouterKey);
        if (router is { Length: > 0 } && RouterKeyToken.TryParse(router) is null)
            return new("The parameter router-key is malformed. It has the form rk_<id>_<secret>.");
        return configuration.ParameterValue(DeveloperSecrets.AdminKey) is { } admin && !AdminKey.IsUsable(admin)
            ? new("The parameter admin-key is too short. Give at least 16 characters, or leave it out to have one made.")
            : null;
    }
}
