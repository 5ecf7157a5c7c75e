using System.CommandLine;
using Auie.Abstractions;
using Auie.Cli.Insights;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie campaigns.</summary>
internal static class CampaignsCommand
{
    private const string StandardOutput = "-";
    private const int MostItems = 20;

    public static Command Make(CommonOptions common)
    {
        var campaigns = new Command("campaigns", "Plans made of strategies: whom, when, through what, what; what they changed. Without a command: every campaign, the newest first.")
        {
            Plan(common), Show(common), Result(common), Export(common), Delete(common),
        };
        common.Run(campaigns, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.ListCampaigns(cancellationToken), AuieJson.Lenient.CampaignList, CampaignViews.Of);
            return ExitCodes.Ok;
        }, "auie campaigns", "auie campaigns plan Reactivation --segment 0", "auie campaigns --json");
        return campaigns;
    }

    private static Command Plan(CommonOptions common)
    {
        var strategy = new Argument<string>("STRATEGY") { Description = "A strategy of the library, by its name, in quotes where that has a space; auie strategies lists them, and tells which fit." };
        var segment = OptionForms.Whole("--segment", "The segment that it is for, by its number (auie segments lists them).", 0);
        segment.Required = true;
        var keep = new Option<bool>("--store") { Description = "Keep the plan, and count what its members do from here; else it is told, and forgotten. A plan that sends nothing is refused." };
        var anyway = new Option<bool>("--anyway") { Description = "Plan it though the strategy does not fit the segment." };
        var from = OptionForms.Instant("--from", "Nothing is sent before this instant: a date, as in 2026-12-01 (its first moment in UTC), or a time with its offset, as in 2026-12-01T09:00Z; it must not be past. Of data that was recorded long ago, now is where time has come to since its end. [default: now]");
        var holdout = OptionForms.Number("--holdout", "SHARE", "The share that is left alone to compare with, from 0 to 0.5 (0.1 is one in ten). [default: the strategy's]", value => value is >= 0 and <= 0.5, "a share from 0 to 0.5");
        var items = CommonOptions.Names("--items", $"The items to send, by their ids, at most {MostItems}. [default: those of the strategy's offer that suit most of a sample of members]", required: false);
        items.Validators.Add(result =>
        {
            if (result.Tokens.Sum(token => token.Value.Split(',').Length) > MostItems) result.AddError($"--items takes at most {MostItems} items.");
        });
        var count = OptionForms.Whole("--count", $"How many items, from 1 to {MostItems}. [default: as many as the strategy's offer is of]", 1, MostItems);
        var kind = OptionForms.OneOf("--kind", "Only events, or only products. [default: what the strategy's offer is of]", "event", "product");
        var category = new Option<string?>("--category") { Description = "Recommend only what has this category or tag.", HelpName = "NAME" };
        var place = new Option<string?>("--place") { Description = "Recommend what is near this place. [default: where each member is]", HelpName = "PLACE" };
        var plan = new Command("plan", "What a strategy comes to for a segment: audience, time, channels, items, influencers, what is expected of it.")
        {
            strategy, segment, keep, anyway, from, holdout, items, count, kind, category, place,
        };
        plan.Validators.Add(result =>
        {
            if (result.GetResult(items) is not { } named) return;
            foreach (var option in new Option[] { count, kind, category, place })
            {
                if (result.GetResult(option) is { Implicit: false }) result.AddError($"{option.Name} and --items do not go together: {option.Name} says what to choose from, and --items names what is sent.");
            }

            if (named.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).GroupBy(id => id).FirstOrDefault(same => same.Skip(1).Any()) is { } twice)
                result.AddError($"--items names '{twice.Key}' more than once.");
        });
        common.Run(plan, async (parse, session, cancellationToken) =>
        {
            var request = new CampaignRequest
            {
                Strategy = parse.GetRequiredValue(strategy),
                Segment = parse.GetRequiredValue(segment)!.Value,
                Anyway = parse.GetValue(anyway),
                From = parse.GetValue(from),
                Holdout = parse.GetValue(holdout),
                Items = parse.GetValue(items) is { Length: > 0 } named ? named : null,
                Count = parse.GetValue(count),
                Kind = parse.GetValue(kind),
                Category = parse.GetValue(category),
                Place = parse.GetValue(place),
            };
            var campaign = parse.GetValue(keep) ? await session.Engine.CreateCampaign(request, cancellationToken) : await session.Engine.PreviewCampaign(request, cancellationToken);
            session.Print(campaign, AuieJson.Lenient.CampaignView, CampaignViews.Of);
            return ExitCodes.Ok;
        }, "auie campaigns plan 'Early access' --segment 1", "auie campaigns plan Reactivation --segment 0 --anyway", "auie campaigns plan 'Early access' --segment 1 --holdout 0.2 --store", "auie campaigns plan 'Group invitations' --segment 2 --anyway --kind event --count 3 --json");
        return plan;
    }

    private static Command Show(CommonOptions common)
    {
        var id = Id();
        var show = new Command("show", "A campaign as it was planned.") { id };
        common.Run(show, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetCampaign(parse.GetRequiredValue(id), cancellationToken), AuieJson.Lenient.CampaignView, CampaignViews.Of);
            return ExitCodes.Ok;
        }, "auie campaigns show c1");
        return show;
    }

    private static Command Result(CommonOptions common)
    {
        var id = Id();
        var result = new Command("result", "What a campaign changed so far: those treated against those left alone.") { id };
        common.Run(result, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetCampaignResult(parse.GetRequiredValue(id), cancellationToken), AuieJson.Lenient.CampaignResultView, CampaignViews.Of);
            return ExitCodes.Ok;
        }, "auie campaigns result c1", "auie campaigns result c1 --json");
        return result;
    }

    private static Command Export(CommonOptions common)
    {
        var id = Id();
        var output = new Option<string>("--output", "-o") { Description = "The file to write; it appears when it is whole. - for standard output.", HelpName = "FILE", Required = true };
        var format = OptionForms.OneOf("--format", "csv has a row for each member, with who is asked first to carry it on; json has the campaign and its members. [default: csv]", "csv", "json");
        var spreadsheet = new Option<bool>("--spreadsheet") { Description = "Of csv: put an apostrophe before texts that a spreadsheet would run as formulas." };
        var export = new Command("export", "Writes a campaign to be carried out: who, when, where, through what, what; treated or left alone.") { id, output, format, spreadsheet };
        common.Run(export, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(output);
            if (path == StandardOutput && session.Json) throw new CliException(ExitCodes.Usage, "--json and '-o -' would both write to standard output.");
            var content = await session.Engine.ExportCampaign(parse.GetRequiredValue(id), parse.GetValue(format) == "json", parse.GetValue(spreadsheet), cancellationToken);
            if (path == StandardOutput)
            {
                await using var standard = session.Host.OpenOutput();
                await using (content) await content.CopyToAsync(standard, cancellationToken);
                return ExitCodes.Ok;
            }

            var bytes = await Kept.Write(path, content, cancellationToken);
            session.Print(new ReportFile(path, bytes), CliJson.Default.ReportFile, _ => [Views.Line($"{bytes:N0} bytes in {path}")]);
            return ExitCodes.Ok;
        }, "auie campaigns export c1 -o c1.csv", "auie campaigns export c1 --format json -o c1.json", "auie campaigns export c1 -o - | head");
        return export;
    }

    private static Command Delete(CommonOptions common)
    {
        var id = Id();
        var delete = new Command("delete", "Forgets a campaign.") { id };
        common.Run(delete, async (parse, session, cancellationToken) =>
        {
            await session.Engine.DeleteCampaign(parse.GetRequiredValue(id), cancellationToken);
            session.Note($"{parse.GetRequiredValue(id)} is forgotten");
            return ExitCodes.Ok;
        }, "auie campaigns delete c1");
        return delete;
    }

    private static Argument<string> Id() => new("ID") { Description = "The campaign's id, as in c1." };
}
