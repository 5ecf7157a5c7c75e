using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie recompute.</summary>
internal static class RecomputeCommand
{
    public static Command Make(CommonOptions common)
    {
        var k = CommonOptions.K(required: false);
        var features = new Option<string>("--features") { Description = "The feature set. [default: the engine's own]", HelpName = "NAME" };
        var asOf = CommonOptions.AsOf();
        var seed = CommonOptions.Seed();
        var incremental = new Option<bool>("--incremental")
        {
            Description = "Go on from the published segments: their number, features and scale stay. Where users have changed too much for that, the job says so and runs in full.",
        };
        var wait = new Option<bool>("--wait") { Description = "Show progress, and end when the job ends. Ctrl-C stops watching, not the job." };
        var recompute = new Command("recompute", "Finds the segments of all users anew, and publishes them.") { k, features, asOf, seed, incremental, wait };
        recompute.Validators.Add(result =>
        {
            foreach (var option in new Option[] { k, features })
            {
                if (result.GetValue(incremental) && result.GetResult(option) is { Implicit: false })
                    result.AddError($"{option.Name} and --incremental do not go together: the published segments' number and features stay.");
            }
        });
        common.Run(recompute, async (parse, session, cancellationToken) =>
        {
            var range = parse.GetValue(k);
            var job = await session.Engine.StartJob(new JobOrder
            {
                Features = parse.GetValue(features),
                KMin = range?.Min,
                KMax = range?.Max,
                AsOf = parse.GetValue(asOf),
                Seed = parse.GetValue(seed),
                Incremental = parse.GetValue(incremental),
            }, cancellationToken);
            if (parse.GetValue(wait)) job = await JobWatch.OrStop(session, job, cancellationToken);
            else session.Note($"'auie jobs show {job.Id}' shows where it stands.");
            session.Print(job, AuieJson.Lenient.JobView, Views.Of);
            return job.State is "failed" or "cancelled" ? ExitCodes.Failed : ExitCodes.Ok;
        }, "auie recompute --wait", "auie recompute --incremental --wait", "auie recompute --k 3..10 --seed 7 --as-of 2012-12-31 --wait --json");
        return recompute;
    }
}
