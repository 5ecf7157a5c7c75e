using System.CommandLine;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie jobs.</summary>
internal static class JobsCommand
{
    public static Command Make(CommonOptions common)
    {
        var jobs = new Command("jobs", "The latest jobs, the newest first.")
        {
            OfOne(common, "show", "Where a job stands and what came of it.", (engine, id, cancellationToken) => engine.GetJob(id, cancellationToken)),
            OfOne(common, "cancel", "Asks a job to stop; nothing of it is published.", (engine, id, cancellationToken) => engine.CancelJob(id, cancellationToken)),
        };
        common.Run(jobs, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.ListJobs(cancellationToken: cancellationToken), AuieJson.Lenient.JobList, list => Views.Of(list.Jobs));
            return ExitCodes.Ok;
        }, "auie jobs", "auie jobs --json");
        return jobs;
    }

    private static Command OfOne(
        CommonOptions common, string name, string description, Func<AuieHttpClient, string, CancellationToken, Task<JobView>> ask)
    {
        var id = new Argument<string>("ID") { Description = "The job's id." };
        var command = new Command(name, description) { id };
        common.Run(command, async (parse, session, cancellationToken) =>
        {
            session.Print(await ask(session.Engine, parse.GetRequiredValue(id), cancellationToken), AuieJson.Lenient.JobView, Views.Of);
            return ExitCodes.Ok;
        }, $"auie jobs {name} ID");
        return command;
    }
}
