using Auie.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Api;

/// <summary>What a process ends with: silos and API processes make the exit code 1 of the failure that is waited for here.</summary>
public sealed class StopTimeTests
{
    [Fact]
    public async Task What_fails_in_the_background_ends_the_process_and_is_what_it_ends_with()
    {
        var fails = new TaskCompletionSource();
        await using var app = await StartAsync(fails.Task);
        var ended = StopTime.WaitAsync(app, CancellationToken.None);
        ended.IsCompleted.ShouldBeFalse();
        fails.SetException(new IOException("the disk is gone"));
        (await Should.ThrowAsync<InvalidOperationException>(ended.WaitAsync(TimeSpan.FromMinutes(1)))).Message.ShouldBe("It had to stop: the disk is gone");
    }

    [Fact]
    public async Task What_ends_by_itself_ends_nothing_and_who_is_told_to_stop_has_not_failed()
    {
        await using var app = await StartAsync(Task.CompletedTask);
        var ended = StopTime.WaitAsync(app, CancellationToken.None);
        app.Lifetime.ApplicationStopping.IsCancellationRequested.ShouldBeFalse();
        app.Lifetime.StopApplication();
        await ended.WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static async Task<WebApplication> StartAsync(Task work)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IHostedService>(new Background(work));
        var app = builder.Build();
        await app.StartAsync();
        return app;
    }

    private sealed class Background(Task work) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => work;
    }
}
