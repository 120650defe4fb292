using Router.Api.Dialects;
using Router.Api.Dialects.OpenAI;
using Router.Api.Endpoints;
using Router.Core.Chat;
using Router.Core.Keys;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddNpgsqlDataSource("routerdb");
builder.AddRedisClient("cache");

builder.Services.AddRouterKeys(builder.Configuration, KeyHosting.All);
builder.Services.AddRouterChat(builder.Configuration);
builder.Services.AddSingleton<ChatRequestReader>();
builder.Services.AddSingleton<RequestBody>();
builder.Services.AddControlPlane();

WebApplication app = builder.Build();
app.UseRouterErrors();
app.MapDefaultEndpoints();
app.MapChatCompletions();
app.MapControlPlane();
app.MapStartPage();
app.MapUnknownApi();
app.Run();
