using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie overview.</summary>
internal static class OverviewCommand
{
    public static Command Make(CommonOptions common)
    {
        var overview = new Command("overview", "What is in the engine: users and items, counted, and what imports brought.");
        common.Run(overview, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetOverview(cancellationToken), AuieJson.Lenient.EngineOverview, OverviewViews.Of);
            return ExitCodes.Ok;
        }, "auie overview", "auie overview --json");
        return overview;
    }
}
