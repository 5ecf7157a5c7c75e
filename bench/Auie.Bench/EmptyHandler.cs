using System.Text.Json;
using Auie.Client.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Auie.Bench;

/// <summary>What single requests are compared with: a server that reads and parses the body of events, and does nothing else.</summary>
internal static class EmptyHandler
{
    public const string Name = "empty-handler";

    public static async Task<int> Run()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapPost("/api/events", async (HttpContext context) =>
        {
            var batch = await JsonSerializer.DeserializeAsync(context.Request.Body, AuieJson.Strict.EventBatch, context.RequestAborted);
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, new EventReceipt(batch!.Events.Length, ["0.1"], []), AuieJson.Lenient.EventReceipt, context.RequestAborted);
        });
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        // The end of the input ends it, so that it does not outlive the bench.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
