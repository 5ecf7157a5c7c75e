using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie audit.</summary>
internal static class AuditCommand
{
    public static Command Make(CommonOptions common)
    {
        var after = new Option<long>("--after") { Description = "Only entries after the one with this number.", HelpName = "NUMBER" };
        var count = new Option<int>("--count") { Description = "How many entries at the most, up to 1,000.", HelpName = "N", DefaultValueFactory = _ => 100 };
        var audit = new Command("audit", "Who exported what is kept of users, changed what they allow, or erased them, in the order of time.") { after, count };
        common.Run(audit, async (parse, session, cancellationToken) =>
        {
            var list = await session.Engine.ListAudit(parse.GetValue(after), parse.GetValue(count), cancellationToken);
            session.Print(list, AuieJson.Lenient.AuditList, PrivacyViews.Of);
            return ExitCodes.Ok;
        }, "auie audit", "auie audit --after 100 --json");
        return audit;
    }
}
