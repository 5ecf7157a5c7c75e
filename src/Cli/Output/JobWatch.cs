using Auie.Abstractions;
using Spectre.Console;

namespace Auie.Cli.Output;

/// <summary>Follows a job to its end: with a bar where a person watches, with a line for each tenth elsewhere, silently for JSON.</summary>
internal static class JobWatch
{
    private static readonly TimeSpan BeforeAskingAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>As <see cref="ToEnd"/>; where watching is interrupted, it says that the job goes on.</summary>
    /// <exception cref="CliException">Watching was interrupted.</exception>
    public static async Task<JobView> OrStop(CliSession session, JobView job, CancellationToken cancellationToken)
    {
        try
        {
            return await ToEnd(session, job, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new CliException(ExitCodes.Interrupted, $"watching stopped; the job goes on. 'auie jobs cancel {job.Id}' cancels it.");
        }
    }

    public static async Task<JobView> ToEnd(CliSession session, JobView job, CancellationToken cancellationToken)
    {
        if (session is { Host.Interactive: true })
        {
            return await session.Console(session.Host.Error).Progress().AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
                .StartAsync(async progress =>
                {
                    var bar = progress.AddTask("queued", maxValue: 1);
                    return await Follow(session, job, now =>
                    {
                        bar.Description = Markup.Escape(now.Phase);
                        bar.Value = now.Progress;
                    }, cancellationToken);
                });
        }

        var tenths = -1;
        return await Follow(session, job, now =>
        {
            if ((int)(now.Progress * 10) <= tenths) return;
            tenths = (int)(now.Progress * 10);
            session.Note($"{now.Progress,5:P0} {(now.Ended ? now.State : now.Phase)}");
        }, cancellationToken);
    }

    // The engine may restart while the job runs: the stream ends, the job goes on.
    private static async Task<JobView> Follow(CliSession session, JobView job, Action<JobView> show, CancellationToken cancellationToken)
    {
        while (true)
        {
            show(job);
            if (job.Ended) return job;
            try
            {
                await foreach (var now in session.Engine.WatchJob(job.Id, cancellationToken)) show(job = now);
            }
            catch (IOException) when (!cancellationToken.IsCancellationRequested)
            {
                session.Note("the connection broke; asking again");
            }

            if (job.Ended) continue;
            await Task.Delay(BeforeAskingAgain, cancellationToken);
            job = await session.Engine.GetJob(job.Id, cancellationToken);
        }
    }
}
