using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Router.AppHost.Development;

/// <summary>What a run on a developer's machine needs beyond the model; nothing of it is published.</summary>
internal static class LocalRun
{
    private static readonly string s_output = typeof(LocalRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "BuildOutput").Value!;

    /// <summary>Builds the model and runs it until it is stopped.</summary>
    /// <returns>The exit code: 1 when something could not start.</returns>
    public static async Task<int> RunToEndAsync(this IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
        {
            PrepareProjects(builder);
            builder.ForwardSettings();
            builder.ChooseServicePorts();
            builder.Supervise();
            if (!builder.IsTemporary()) ChildEnvironment.Reduce();
        }

        await using var app = builder.Build();
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException)
        {
            // Stopped while it was starting.
        }

        app.Services.GetService<StateLock>()?.Dispose();
        return Environment.ExitCode;
    }

    /// <summary>The program of a project that was built with this one.</summary>
    public static string BuiltProgram(string projectDirectory) =>
        Path.Combine(projectDirectory, s_output, Path.GetFileName(projectDirectory) + (OperatingSystem.IsWindows() ? ".exe" : ""));

    private static void PrepareProjects(IDistributedApplicationBuilder builder)
    {
        var test = builder.IsTemporary();
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
        {
            RunBuiltProgram(builder, project);
            // The API sets this for itself. A test's process that has run one in itself hands it down, to programs that block on sockets.
            if (project.Name != "api") builder.CreateResourceBuilder(project).WithEnvironment("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "0");
            builder.CreateResourceBuilder(project)
                // "always_on", Aspire's choice, would record what is quiet on purpose: the polls, each a trace of its own.
                .WithEnvironment("OTEL_TRACES_SAMPLER", "parentbased_always_on")
                // At the end the dashboard is gone before what is said to it last: a service must not wait for longer than it may live.
                .WithEnvironment("OTEL_EXPORTER_OTLP_TIMEOUT", "1000")
                // A test has no dashboard: nobody listens at the address that Aspire gives then.
                .WithEnvironment(context =>
                {
                    if (test) context.EnvironmentVariables["OTEL_EXPORTER_OTLP_ENDPOINT"] = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
                })
                // Plain HTTP: without this the dashboard asks for a trusted certificate on every page.
                .WithoutHttpsCertificate();
        }
    }

    /// <summary>
    /// "dotnet run", Aspire's way, costs each service a second and a half of processor time and one more process, and whoever kills it leaves
    /// the service behind. An IDE's debugger and "dotnet watch" start projects in their own way.
    /// </summary>
    private static void RunBuiltProgram(IDistributedApplicationBuilder builder, ProjectResource project)
    {
        if (builder.Configuration["DOTNET_WATCH"] is { Length: > 0 }) return;
        var directory = Path.GetDirectoryName(project.GetProjectMetadata().ProjectPath)!;
        var program = builder.Configuration["Router:Programs:" + project.Name] ?? BuiltProgram(directory);
        if (File.Exists(program)) project.Annotations.Add(new ExecutableAnnotation { Command = program, WorkingDirectory = directory });
    }
}
