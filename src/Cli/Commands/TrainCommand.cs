using System.CommandLine;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie train.</summary>
internal static class TrainCommand
{
    public static Command Make(CommonOptions common)
    {
        var seed = CommonOptions.Seed();
        var wait = new Option<bool>("--wait") { Description = "Show progress, and end when the job ends. Ctrl-C stops watching, not the job." };
        var train = new Command("train", "Learns to rank what is recommended from what users did, and publishes what it learnt if that is not worse than what ranks now.") { seed, wait };
        common.Run(train, async (parse, session, cancellationToken) =>
        {
            var job = await session.Engine.StartJob(new JobOrder { Kind = JobRequest.Training, Seed = parse.GetValue(seed) }, cancellationToken);
            if (parse.GetValue(wait)) job = await JobWatch.OrStop(session, job, cancellationToken);
            else session.Note($"'auie jobs show {job.Id}' shows where it stands.");
            session.Print(job, AuieJson.Lenient.JobView, Views.Of);
            return job.State is "failed" or "cancelled" ? ExitCodes.Failed : ExitCodes.Ok;
        }, "auie train --wait", "auie train --seed 7 --wait --json");
        return train;
    }
}
