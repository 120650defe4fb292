using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Usage;
using Router.Worker.Housekeeping;
using Router.Worker.Migrations;
using Router.Worker.Revalidation;

if (args is [MigrateCommand.Verb, ..])
    return await MigrateCommand.RunAsync(args[1..]);

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddNpgsqlDataSource("routerdb", null, DatabaseBounds.Apply);
builder.AddOwnerDatabase(DatabaseBounds.Apply);
builder.AddCache();
builder.Services.AddHealthChecks().AddCacheCheck();
builder.Services.AddRouterKeys(builder.Configuration, KeyHosting.Health);
builder.Services.AddProviders();
builder.Services.AddKeyRevalidation();
builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<AuditRetentionService>(provider, provider.MakeWithOwner<AuditStore>()));
builder.Services.AddUsageOptions(builder.Configuration);
builder.Services.AddSingleton(provider => provider.MakeWithOwner<UsagePartitions>());
builder.Services.AddHostedService<UsagePartitionService>();
builder.Services.AddLostReceipts();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
return 0;
