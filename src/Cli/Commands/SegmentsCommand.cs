using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie segments.</summary>
internal static class SegmentsCommand
{
    private const int PageSize = 1_000;

    public static Command Make(CommonOptions common)
    {
        var segments = new Command("segments", "The published segmentation: its personas, sizes, and what sets each apart.") { Members(common), Border(common) };
        common.Run(segments, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetSegmentation(cancellationToken), AuieJson.Lenient.SegmentationView, Views.Of);
            return ExitCodes.Ok;
        }, "auie segments", "auie segments --json", "auie segments members 2 --count 1000");
        return segments;
    }

    private static Command Border(CommonOptions common)
    {
        var segment = new Argument<int>("N") { Description = "The number of the segment." };
        var count = new Option<int>("--count") { Description = "How many members, 1 to 100.", DefaultValueFactory = _ => 20, HelpName = "COUNT" };
        var border = new Command("border", "The members with the lowest silhouettes: who stands between this segment and another.") { segment, count };
        common.Run(border, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetBorder(parse.GetValue(segment), parse.GetValue(count), cancellationToken), AuieJson.Lenient.BorderView, SilhouetteViews.Of);
            return ExitCodes.Ok;
        }, "auie segments border 0", "auie segments border 2 --count 100 --json");
        return border;
    }

    private static Command Members(CommonOptions common)
    {
        var segment = new Argument<int>("N") { Description = "The number of the segment." };
        var count = new Option<int>("--count") { Description = "How many members at the most.", DefaultValueFactory = _ => 100, HelpName = "COUNT" };
        count.Validators.Add(result =>
        {
            // Text that is no number is told of by the parser itself, and cannot be asked for here.
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var number) && number < 1) result.AddError("--count must be at least 1.");
        });
        var members = new Command("members", "The ids of a segment's members.") { segment, count };
        common.Run(members, async (parse, session, cancellationToken) =>
        {
            var (number, wanted) = (parse.GetValue(segment), parse.GetValue(count));
            var ids = new List<string>();
            string? cursor = null;
            long version;
            do
            {
                var page = await session.Engine.GetMembers(number, cursor, Math.Min(PageSize, wanted - ids.Count), cancellationToken);
                ids.AddRange(page.Members);
                (cursor, version) = (page.Next, page.Version);
            }
            while (cursor is not null && ids.Count < wanted);

            session.Print(new MembersReport(version, number, [.. ids], cursor is not null), CliJson.Default.MembersReport, report =>
                report.Members.Select(Views.Line));
            if (cursor is not null) session.Note($"There are more than {wanted}: --count takes a larger number.");
            return ExitCodes.Ok;
        }, "auie segments members 0", "auie segments members 2 --count 100000 --json");
        return members;
    }
}
