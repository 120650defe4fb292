using Router.AppHost.Development;
using Router.AppHost.Local;

var builder = DistributedApplication.CreateBuilder(args);
if (builder.FindStartFault() is { } fault)
    return fault.Tell();

var publishing = builder.ExecutionContext.IsPublishMode;
builder.AddPublishTarget();

// Secrets: generated and kept for a developer, asked for when published.
var masterKey = builder.AddMasterKey();
var adminKey = builder.AddAdminKey();
var providerKeys = builder.AddProviderKeys();

// State: in containers where a container runtime answers, else the same servers as processes of this machine.
var postgresPassword = builder.AddServerPassword("postgres-password");
var cachePassword = builder.AddServerPassword("cache-password");
IResourceBuilder<IResourceWithConnectionString> routerdb, cache;
if (builder.UsesContainers())
{
    routerdb = builder.AddPostgres("postgres", password: postgresPassword).WithKeptData().AddDatabase("routerdb");
    cache = builder.AddRedis("cache", password: cachePassword);
}
else
{
    routerdb = builder.AddPostgresProcess("postgres", password: postgresPassword).AddDatabase("routerdb");
    cache = builder.AddCacheProcess("cache", password: cachePassword);
}

// The services' own role in the database, which the migrations make. The owner's is for the migrations and the worker's housekeeping.
var servicePassword = builder.AddServerPassword("database-password");
var database = ReferenceExpression.Create($"{routerdb};Username=router;Password={servicePassword}");

// Services.
var migrations = builder.AddProject<Projects.Router_Worker>("migrations", launchProfileName: "migrate")
    .WithIconName("DatabaseArrowUp")
    .WithArgs(builder.MigrateArguments())
    .WithDatabase(database).WithOwner(routerdb).WaitFor(routerdb)
    .WithReference(cache)
    .WithEnvironment("Router__MasterKeys__0", masterKey)
    .WithProviderKeys(providerKeys);

var worker = builder.AddProject<Projects.Router_Worker>("worker")
    .WithIconName("ClockToolbox")
    .WithDatabase(database).WithOwner(routerdb).WaitForCompletion(migrations)
    .WithReference(cache).WaitFor(cache)
    .WithEnvironment("Router__MasterKeys__0", masterKey)
    .WithProviderKeys(providerKeys)
    .WithPromptHealthCheck("/health")
    .WithReplicas(builder.Configuration.Number("Router:Workers", 1));

var api = builder.AddProject<Projects.Router_Api>("api")
    .WithIconName("ArrowRouting")
    .WithDatabase(database).WithReferenceRelationship(routerdb).WaitForCompletion(migrations)
    .WithReference(cache).WaitFor(cache)
    .WithEnvironment("Router__MasterKeys__0", masterKey)
    .WithEnvironment("Router__AdminKey", adminKey)
    .WithProviderKeys(providerKeys)
    .WithPromptHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithReplicas(builder.Configuration.Number("Router:Replicas", publishing ? 2 : 1))
    .WithGracePeriod();

// A developer's run: scripted providers stand in where no system key is configured, and a workspace has a key from the start.
// None of it is published.
var simulator = builder.AddProject<Projects.Router_Simulator>("simulator")
    .WithIconName("Beaker")
    .WithPromptHealthCheck("/health")
    .ExcludeFromManifest();

if (!publishing)
{
    var routerKey = builder.AddDevelopmentRouterKey();
    migrations.WithEnvironment("Router__Development__RouterKey", routerKey);
    worker.WithReference(simulator).WithEnvironment("Router__Simulator__BaseUrl", simulator.GetEndpoint("http"));
    api.WithReference(simulator).WithEnvironment("Router__Simulator__BaseUrl", simulator.GetEndpoint("http")).WaitFor(simulator);

    api.WithPages().WithPromptEnd().WithTraceLinks().WithReceiptSpool().WithKeyRotation(migrations, routerKey, adminKey);
    worker.WithKeyRecheck(api.GetEndpoint("http"), adminKey);
    simulator.WithFaultPage();
    builder.RestartOnNewKeys([.. providerKeys.Select(key => key.Parameter), adminKey], api, worker);
    builder.AddWelcome(api, routerKey, adminKey);
}

return await builder.RunToEndAsync();
