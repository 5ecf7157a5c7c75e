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
        return new Command("users", "Users of the platform.") { show, Silhouette(common), Export(common), Consent(common), Erase(common) };
    }

    private static Command Silhouette(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The user's id." };
        var silhouette = new Command("silhouette", "How well a user fits in among the members of their segment.") { id };
        common.Run(silhouette, async (parse, session, cancellationToken) =>
        {
            var found = await session.Engine.GetUserSilhouette(parse.GetRequiredValue(id), cancellationToken: cancellationToken);
            session.Print(found, AuieJson.Lenient.UserSilhouette, SilhouetteViews.Of);
            return ExitCodes.Ok;
        }, "auie users silhouette 3197468391");
        return silhouette;
    }

    private static Command Export(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The user's id." };
        var output = new Option<string>("--output", "-o") { Description = "The file to write; it appears when it is whole.", HelpName = "FILE", Required = true };
        var export = new Command("export", "Writes everything that is held on a user, as JSON.") { id, output };
        common.Run(export, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(output);
            var bytes = await Kept.Write(path, await session.Engine.ExportUser(parse.GetRequiredValue(id), cancellationToken), cancellationToken);
            session.Print(new ReportFile(path, bytes), CliJson.Default.ReportFile, _ => [Views.Line($"{bytes:N0} bytes in {path}")]);
            return ExitCodes.Ok;
        }, "auie users export 3197468391 -o user.json");
        return export;
    }

    private static Command Consent(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The user's id." };
        var tracking = YesOrNo("--tracking", "Whether what the user does may be kept.");
        var personalisation = YesOrNo("--personalisation", "Whether the user may be put into segments and be recommended to.");
        var consent = new Command("consent", "Says what a user allows or forbids; without options, shows it.") { id, tracking, personalisation };
        common.Run(consent, async (parse, session, cancellationToken) =>
        {
            var user = parse.GetRequiredValue(id);
            var order = new ConsentOrder { Tracking = Said(parse.GetValue(tracking)), Personalisation = Said(parse.GetValue(personalisation)) };
            var now = order.Tracking is null && order.Personalisation is null
                ? await session.Engine.GetConsent(user, cancellationToken)
                : await session.Engine.PutConsent(user, order, cancellationToken);
            session.Print(now, AuieJson.Lenient.UserConsent, said => PrivacyViews.Of(said));
            return ExitCodes.Ok;
        }, "auie users consent 3197468391 --tracking no", "auie users consent 3197468391 --tracking yes --personalisation no");
        return consent;
    }

    private static Option<string?> YesOrNo(string name, string description) => OptionForms.OneOf(name, description, "yes", "no");

    private static bool? Said(string? answer) => answer is null ? null : answer == "yes";

    private static Command Erase(CommonOptions common)
    {
        var id = new Argument<string>("ID") { Description = "The user's id, or any that was joined to it." };
        var wait = new Option<bool>("--wait") { Description = "Wait until the receipt is final." };
        var erase = new Command("erase", "Erases a user with all ids that were joined to them, for good.") { id, wait };
        common.Run(erase, async (parse, session, cancellationToken) =>
        {
            var receipt = await session.Engine.EraseUser(parse.GetRequiredValue(id), cancellationToken);
            while (parse.GetValue(wait) && receipt.State != "done")
            {
                session.Note(receipt.Trouble ?? $"{receipt.Phase} {receipt.Done}/{receipt.Of}");
                await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
                receipt = await session.Engine.GetErasure(receipt.Id, cancellationToken);
            }

            session.Print(receipt, AuieJson.Lenient.ErasureView, PrivacyViews.Of);
            return ExitCodes.Ok;
        }, "auie users erase 3197468391 --wait");
        return erase;
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
        catch (AuieHttpException answer) when (answer is { Status: HttpStatusCode.NotFound, Code: "no_answers" or "no_consent" })
        {
            return new UserReport(user, null, answer.Message);
        }
    }
}
