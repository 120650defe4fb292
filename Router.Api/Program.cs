using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Api.Endpoints;
using Router.Api.Hosting;
using Router.Api.OpenApi;
using Router.Api.Studio;
using Router.Core.Chat;
using Router.Core.Keys;
using Router.Core.Limits;
using Router.Core.Usage;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.UseInlineScheduling();
builder.WebHost.ConfigureKestrel(server => server.AddServerHeader = false);
builder.AddTrustedProxies();
builder.AddServiceDefaults();
// Losing either must not take the API out of service: it serves from its snapshot, whose own check says whether there is one.
builder.AddNpgsqlDataSource("routerdb", settings => settings.DisableHealthChecks = true, DatabaseBounds.Apply);
builder.AddCache();

builder.Services.AddRouterKeys(builder.Configuration, KeyHosting.All);
builder.Services.AddRouterLimits(builder.Configuration);
builder.Services.AddRouterChat(builder.Configuration);
builder.Services.AddRouteStatisticsSharing();
builder.Services.AddRunningJournal();
builder.Services.AddUsageRecords(builder.Configuration);
builder.Services.AddChatCompletions();
builder.Services.AddControlPlane();
builder.Services.AddApiDescription();
builder.Services.AddStudio(builder.Configuration);
builder.Services.AddGracefulShutdown(builder.Configuration);

WebApplication app = builder.Build();
app.UseFairTurns();
app.UseTrustedProxies();
app.UseRouterHeaders();
// A chat is answered here and passes nothing below: it has authentication of its own.
app.UseChatCompletions();
app.UseThreadPoolForOthers();
app.UseRouterErrors();
app.UseRouting();
app.UseStudio();
app.UseScrapeLimit();
app.MapDefaultEndpoints();
app.MapChatCompletions();
app.MapModels();
app.MapControlPlane();
app.MapStudio();
app.MapApiDescription();
app.MapUnknownApi();
app.Run();
