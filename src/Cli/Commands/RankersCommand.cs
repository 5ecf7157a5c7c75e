using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie rankers.</summary>
internal static class RankersCommand
{
    public static Command Make(CommonOptions common)
    {
        var list = new Command("list", "The rankers that are kept, the newest first, and how each was judged.");
        common.Run(list, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetRankers(cancellationToken), AuieJson.Lenient.RankerList, RankerViews.Of);
            return ExitCodes.Ok;
        }, "auie rankers list", "auie rankers list --json");

        var version = new Argument<long>("VERSION") { Description = "The version that is to rank; 0 for the baseline." };
        var rollback = new Command("rollback", "Has a ranker that is kept rank from now on.") { version };
        common.Run(rollback, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.RollBackRanker(parse.GetRequiredValue(version), cancellationToken), AuieJson.Lenient.RankerList, RankerViews.Of);
            return ExitCodes.Ok;
        }, "auie rankers rollback 3", "auie rankers rollback 0 --json");

        return new Command("rankers", "What ranks recommendations, and what did.") { list, rollback };
    }
}
