using Router.AppHost.Development;

var builder = DistributedApplication.CreateBuilder(args);
var publishing = builder.ExecutionContext.IsPublishMode;

// Where publishing writes to. A model with both environments would have to assign every resource to one of them,
// so a run names one: Publish:Target is compose (the default) or kubernetes.
var kubernetes = builder.Configuration["Publish:Target"] == "kubernetes";
if (kubernetes)
    builder.AddKubernetesEnvironment("kubernetes");
else
    builder.AddDockerComposeEnvironment("compose");

// Secrets: generated and kept for a developer, asked for when published.
var masterKey = builder.AddMasterKey();
var adminKey = builder.AddAdminKey();
var providerKeys = builder.AddProviderKeys();

// State. A test (the testing builder asks for random ports) starts from nothing and leaves a developer's data alone.
var postgres = builder.AddPostgres("postgres");
if (builder.Configuration["DcpPublisher:RandomizePorts"] != "true")
    postgres.WithDataVolume();
var routerdb = postgres.AddDatabase("routerdb");
var cache = builder.AddRedis("cache");

// Services. Kubernetes starts again whatever ends, so there the migrations stay.
string[] migrate = publishing && kubernetes ? ["migrate", "--stay"] : ["migrate"];
var migrations = builder.AddProject<Projects.Router_Worker>("migrations", launchProfileName: "migrate")
    .WithArgs(migrate)
    .WithReference(routerdb).WaitFor(routerdb)
    .WithReference(cache)
    .WithEnvironment("Router__MasterKeys__0", masterKey)
    .WithProviderKeys(providerKeys);

var worker = builder.AddProject<Projects.Router_Worker>("worker")
    .WithReference(routerdb).WaitForCompletion(migrations)
    .WithReference(cache).WaitFor(cache)
    .WithEnvironment("Router__MasterKeys__0", masterKey)
    .WithProviderKeys(providerKeys)
    .WithHttpHealthCheck("/health")
    .WithReplicas(int.TryParse(builder.Configuration["Router:Workers"], out var workers) ? workers : 1);

var api = builder.AddProject<Projects.Router_Api>("api")
    .WithReference(routerdb).WaitForCompletion(migrations)
    .WithReference(cache).WaitFor(cache)
    .WithEnvironment("Router__MasterKeys__0", masterKey)
    .WithEnvironment("Router__AdminKey", adminKey)
    .WithProviderKeys(providerKeys)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WithPages()
    .WithReplicas(int.TryParse(builder.Configuration["Router:Replicas"], out var replicas) ? replicas : publishing ? 2 : 1);

// A developer's run: scripted providers stand in where no system key is configured, and a workspace has a key from the start.
// None of it is published.
var simulator = builder.AddProject<Projects.Router_Simulator>("simulator")
    .WithHttpHealthCheck("/health")
    .ExcludeFromManifest();

if (!publishing)
{
    var routerKey = builder.AddDevelopmentRouterKey();
    migrations.WithEnvironment("Router__Development__RouterKey", routerKey);
    worker.WithReference(simulator).WithEnvironment("Router__Simulator__BaseUrl", simulator.GetEndpoint("http"));
    api.WithReference(simulator).WithEnvironment("Router__Simulator__BaseUrl", simulator.GetEndpoint("http")).WaitFor(simulator);

    worker.WithKeyRecheck(api.GetEndpoint("http"), adminKey);
    api.WithReceiptSpool();
    api.WithTraceLinks();

    var welcome = new Welcome(api.GetEndpoint("http"), routerKey, adminKey, providerKeys);
    api.OnResourceReady((_, _, cancellationToken) => welcome.ShowAsync(cancellationToken));
}

builder.Build().Run();
