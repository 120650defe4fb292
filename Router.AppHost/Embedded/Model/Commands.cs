using Microsoft.Extensions.Logging;

namespace Router.AppHost.Embedded;

/// <summary>What a command is run with.</summary>
public sealed class ExecuteCommandContext
{
    public required IServiceProvider Services { get; init; }

    public required string ResourceName { get; init; }

    public required CancellationToken CancellationToken { get; init; }

    public required ILogger Logger { get; init; }
}

public sealed class ExecuteCommandResult
{
    public required bool Success { get; init; }

    public string? ErrorMessage { get; init; }

    public bool Canceled { get; init; }
}

public static class CommandResults
{
    public static ExecuteCommandResult Success() => new() { Success = true };

    public static ExecuteCommandResult Failure(string? errorMessage = null) => new() { Success = false, ErrorMessage = errorMessage };

    public static ExecuteCommandResult Canceled() => new() { Success = false, Canceled = true };
}

public sealed class CommandOptions
{
    public string? Description { get; set; }

    public string? IconName { get; set; }

    public bool IsHighlighted { get; set; }

    public string? ConfirmationMessage { get; set; }
}

public sealed record ResourceCommandAnnotation(
    string Name, string DisplayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> ExecuteCommand, CommandOptions Options) : IResourceAnnotation;

/// <summary>A page of a resource; relative to its endpoint.</summary>
public sealed class ResourceUrlAnnotation : IResourceAnnotation
{
    public required string Url { get; set; }

    public string? DisplayText { get; set; }
}

/// <summary>What a dashboard would show. The embedded runner has none: links are there to be read, commands to be run by name.</summary>
public static class DashboardExtensions
{
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder, string name, string displayName, Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand, CommandOptions? commandOptions = null)
        where T : IResource =>
        builder.With(new ResourceCommandAnnotation(name, displayName, executeCommand, commandOptions ?? new()));

    public static IResourceBuilder<T> WithUrlForEndpoint<T>(this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResourceWithEndpoints =>
        builder.With(callback(new EndpointReference(builder.Resource, endpointName)));
}
