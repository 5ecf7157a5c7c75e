using System.CommandLine;
using Auie.Cli.Insights;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie strategies.</summary>
internal static class StrategiesCommand
{
    public static Command Make(CommonOptions common)
    {
        var why = new Option<bool>("--why") { Description = "Tell every condition of every strategy for every segment, and what was found." };
        var strategies = new Command("strategies", "What to do for whom: the library of strategies, and the published segments that each fits.") { why };
        common.Run(strategies, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetStrategies(cancellationToken), AuieJson.Lenient.StrategiesView, view => StrategyViews.Of(view, parse.GetValue(why)));
            return ExitCodes.Ok;
        }, "auie strategies", "auie strategies --why", "auie strategies --json");
        return strategies;
    }
}
