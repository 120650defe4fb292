namespace Router.AppHost.Embedded;

/// <summary>Gives every endpoint and server its port before anything starts, so that every reference has a value.</summary>
internal static class Allocation
{
    public static void Allocate(DistributedApplicationBuilder model, RunContext context)
    {
        foreach (var resource in model.Resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
                endpoint.AllocatedPort = Choose(resource.Name, endpoint, context);

            switch (resource)
            {
                case PostgresServerResource postgres:
                    postgres.Port = Ports.Free();
                    postgres.Password = context.Secrets.GetOrCreate(postgres.Name + "-password", PostgresRunner.NewPassword);
                    break;
                case RedisResource redis:
                    redis.Port = Ports.Free();
                    redis.Password = context.Secrets.GetOrCreate(redis.Name + "-password", PostgresRunner.NewPassword);
                    break;
            }
        }
    }

    private static int Choose(string resource, EndpointAnnotation endpoint, RunContext context)
    {
        if (context.Settings.RandomizePorts || endpoint.Port is not { } preferred) return Ports.Free();
        if (!Ports.IsTaken(preferred)) return preferred;
        var port = Ports.Free();
        context.Logs.Write(resource, $"port {preferred} is taken by another program: using {port}");
        return port;
    }
}
