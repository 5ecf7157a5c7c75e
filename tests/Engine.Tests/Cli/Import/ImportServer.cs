using System.Collections.Concurrent;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Client.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Cli.Import;

/// <summary>What an import asks of an engine, over a real socket: it keeps events by whom they are about and their message id, strictly read.</summary>
internal sealed class ImportServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _requests;

    private ImportServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public ConcurrentDictionary<(string, string), ItemEvent> Items { get; } = new();

    public ConcurrentDictionary<(string, string), UserEvent> Events { get; } = new();

    public ImportReport? Report { get; private set; }

    public int Requests => _requests;

    /// <summary>Bytes of the longest batch.</summary>
    public long LongestBody { get; private set; }

    /// <summary>Asked before each request, with its number from 1: an answer in place of the usual one, or null.</summary>
    public Func<int, IResult?> Before { get; set; } = _ => null;

    /// <summary>Asked after each request was taken in, before it is answered.</summary>
    public Func<int, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Asked before the engine tells of itself: an answer in place of the usual one, or null.</summary>
    public Func<IResult?> BeforeEngine { get; set; } = () => null;

    /// <summary>Asked before a report is taken: an answer in place of the usual one, or null.</summary>
    public Func<IResult?> BeforeReport { get; set; } = () => null;

    /// <summary>Says what is wrong with an event, or null.</summary>
    public Func<UserEvent, string?> Refuse { get; set; } = _ => null;

    public static async Task<ImportServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new ImportServer(app);
        app.MapGet("/api/engine", () => server.BeforeEngine() ?? Results.Json(new EngineInfo
        {
            Version = "0", Partitions = 1, DefaultFeatures = "", FeatureSets = [], Users = 0, Limits = new EngineLimits(0, 0, 0, 0),
        }, AuieJson.Strict.EngineInfo));
        app.MapPost("/api/import/items", context => server.Take(context, async body =>
        {
            var batch = (await JsonSerializer.DeserializeAsync(body, AuieJson.Strict.ItemBatch))!;
            var added = batch.Items.Count(one => server.Items.TryAdd((one.ItemId, one.MessageId), one));
            return new ImportReceipt(added, batch.Items.Length - added, []);
        }));
        app.MapPost("/api/import/users", context => server.Take(context, async body =>
        {
            var batch = (await JsonSerializer.DeserializeAsync(body, AuieJson.Strict.EventBatch))!;
            Refusal[] refused = [.. batch.Events.Index().Where(one => server.Refuse(one.Item) is not null).Select(one => new Refusal(one.Index, "messageId", server.Refuse(one.Item)!))];
            var added = batch.Events.Where(one => server.Refuse(one) is null).Count(one => server.Events.TryAdd((one.UserId, one.MessageId), one));
            return new ImportReceipt(added, batch.Events.Length - added - refused.Length, refused);
        }));
        app.MapPut("/api/imports/{source}", async context =>
        {
            if (server.BeforeReport() is { } instead)
            {
                await instead.ExecuteAsync(context);
                return;
            }

            server.Report = await JsonSerializer.DeserializeAsync(context.Request.Body, AuieJson.Strict.ImportReport);
            await Results.Json(server.Report, AuieJson.Strict.ImportReport).ExecuteAsync(context);
        });
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context, Func<Stream, Task<ImportReceipt>> take)
    {
        var request = Interlocked.Increment(ref _requests);
        if (Before(request) is { } instead)
        {
            await instead.ExecuteAsync(context);
            return;
        }

        LongestBody = Math.Max(LongestBody, context.Request.ContentLength ?? 0);
        var receipt = await take(context.Request.Body);
        await After(request);
        await Results.Json(receipt, AuieJson.Strict.ImportReceipt).ExecuteAsync(context);
    }
}
