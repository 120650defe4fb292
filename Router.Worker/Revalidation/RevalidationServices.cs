namespace Router.Worker.Revalidation;

public static class RevalidationServices
{
    /// <summary>Adds what the worker does with stored keys. Wants <c>AddRouterKeys</c> and an <c>IKeyChecker</c>.</summary>
    public static IServiceCollection AddKeyRevalidation(this IServiceCollection services)
    {
        services.AddHostedService<RevalidationService>();
        services.AddHostedService<RewrapService>();
        return services;
    }
}
