using System.CommandLine;
using System.Net;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie users.</summary>
internal static class UsersCommand
{
    public static Command Make(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The user's id." };
        var asOf = CommonOptions.AsOf();
        var show = new Command("show", "What is held on a user, the segment they belong to, and why.") { id, asOf };
        common.Run(show, async (parse, session, cancellationToken) =>
        {
            var user = await session.Engine.GetUser(parse.GetRequiredValue(id), cancellationToken: cancellationToken);
            var report = await ReportOf(session, user, parse.GetValue(asOf), cancellationToken);
            session.Print(report, CliJson.Default.UserReport, _ =>
                [.. Views.Of(user), .. report.Segment is { } segment ? Views.Of(segment) : [Views.Line(report.NoSegment!)]]);
            return ExitCodes.Ok;
        }, "auie users show 3197468391", "auie users show 3197468391 --as-of 2012-12-31 --json");
        return new Command("users", "Users of the platform.") { show };
    }

    private static async Task<UserReport> ReportOf(CliSession session, UserView user, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        try
        {
            return new UserReport(user, await session.Engine.GetUserSegment(user.Id, asOf, user.Version, cancellationToken), null);
        }
        catch (AuieHttpException answer) when (answer is { Status: HttpStatusCode.NotFound, Code: "no_segmentation" })
        {
            return new UserReport(user, null, "No segmentation is published yet: 'auie recompute' makes one.");
        }
        catch (AuieHttpException answer) when (answer is { Status: HttpStatusCode.NotFound, Code: "no_answers" })
        {
            return new UserReport(user, null, answer.Message);
        }
    }
}
