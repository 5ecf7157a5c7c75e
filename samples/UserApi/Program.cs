using Auie.Abstractions;
using Auie.Api;
using Auie.Client;

var builder = WebApplication.CreateBuilder(args);
if (!builder.Configuration.GetSection("Cluster").Exists())
{
    Console.Error.WriteLine("Where are the silos? --Cluster:Gateways=127.0.0.1:11111 names some.");
    return 2;
}

builder.AddAuieClusterClient();
var app = builder.Build();
app.UseEngineFailures();

app.MapGet("/users/{id}", async (string id, IGrainFactory grains, CancellationToken cancellationToken) =>
    await grains.GetGrain<IUserGrain>(GrainKeys.User(GrainKeys.DefaultTenant, id)).Get(atLeast: 0, cancellationToken)
    ?? throw new InvalidRequestException("", $"Nothing has arrived of a user '{id}'.") { Unknown = "user" });

app.Run();
return 0;
