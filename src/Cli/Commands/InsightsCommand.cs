using System.CommandLine;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;
using Auie.Cli.Import;
using Auie.Cli.Insights;
using Auie.Cli.Output;
using Auie.Client.Http;
using Auie.Core.Insights;
using Auie.Core.Users;
using Spectre.Console.Rendering;

namespace Auie.Cli.Commands;

/// <summary>auie insights.</summary>
internal static class InsightsCommand
{
    private const string Data = "data", Who = "who", Drivers = "drivers", When = "when", Influencers = "influencers";
    private const string OfEngine = "who, drivers, effects, funnel, when, influencers, personas, quality";
    private const int MostInfluencers = 1_000, UsualInfluencers = 20;

    private static readonly string[] Parts = [Data, Who, Drivers, When, Influencers];

    public static Command Make(CommonOptions common)
    {
        var folder = new Argument<DirectoryInfo?>("DIR")
        {
            Description = $"The folder with {string.Join(", ", Layout.Tables)}, each as .csv or .csv.gz. Of an engine none is needed: name one of the commands below.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        folder.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Directory.Exists(result.Tokens[0].Value))
                result.AddError($"'{result.Tokens[0].Value}' is no folder of tables here, and nothing that an engine is asked: that is {OfEngine}.");
        });
        var about = OptionForms.WordsOf("--about", $"Of {string.Join(", ", Parts)} only these. [default: all]", once: false, Parts);
        var count = OptionForms.Whole("--influencers", $"How many influencers, from 1 to {MostInfluencers}. [default: {UsualInfluencers}]", 1, MostInfluencers);
        var verdicts = new Option<string?>("--verdicts")
        {
            Description = "Write a document, in Markdown, that holds every statement of the engine's founding text against these tables, and print nothing else.",
            HelpName = "FILE",
        };
        var seed = CommonOptions.Seed();
        var insights = new Command("insights", $"Who there is, what drives interest, when, and who carries a word: of an engine ({OfEngine}), or of the tables of an event challenge in DIR.")
        {
            folder, about, count, verdicts, seed,
        };
        insights.Validators.Add(result =>
        {
            if (result.GetResult(folder) is not { Tokens.Count: > 0 }) result.AddError($"auie insights needs what it is to tell of an engine ({OfEngine}), or a folder of tables.");
        });
        var funnel = FunnelCommand(common, "funnel", "auie insights funnel");
        funnel.Aliases.Add("funnels");
        foreach (var command in (IEnumerable<Command>)[.. OfAudiences(common), funnel, InfluencersCommand(common), PersonasCommand(common), QualityCommand(common)]) insights.Subcommands.Add(command);
        common.RunLocally(insights, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetValue(folder)!.FullName;
            session.Note($"reading {path}");
            var tables = await ObservedTables.Read(path, cancellationToken);
            var rejected = tables.Quality.Sum(table => table.RejectedRows);
            if (rejected > 0) session.Note($"{rejected:N0} rows of the tables cannot be used; auie import event-challenge {path} --dry-run tells which and why.");
            if (parse.GetValue(verdicts) is { } file)
            {
                await using var draft = DraftFile.Open(file);
                await draft.Write(Encoding.UTF8.GetBytes(await SeedDocument.Write(tables, parse.GetValue(seed) ?? 1, cancellationToken)), cancellationToken);
                await draft.Keep();
                return ExitCodes.Ok;
            }

            var options = new InfluenceOptions { Count = parse.GetValue(count) ?? UsualInfluencers, Seed = (ulong)(parse.GetValue(seed) ?? 1) };
            session.Print(Report(tables, parse.GetValue(about) is { Length: > 0 } named ? named : Parts, options), CliJson.Default.InsightsReport, InsightsViews.Of);
            return ExitCodes.Ok;
        },
            "auie insights who",
            "auie insights drivers --gender male --age 18..40",
            "auie insights challenge",
            "auie insights challenge --about who,when --json",
            "auie insights challenge --about influencers --influencers 50",
            "auie insights challenge --verdicts seed.md");
        return insights;
    }

    /// <summary>What an engine tells of an audience, and takes no other options for.</summary>
    private static IEnumerable<Command> OfAudiences(CommonOptions common) =>
    [
        Told(common, "who", "Who is in the engine: gender, age, locale, place, tenure, friends, platforms; of all, or of those whom the options name.",
            (engine, audience, cancellationToken) => engine.GetWho(audience, cancellationToken), AuieJson.Lenient.AudienceView, LiveInsightsViews.Of,
            "auie insights who", "auie insights who --segment 2 --json", "auie insights who --locale en_US --age 25..40", "auie insights who --place Medan --tenure 3.. --friends 100..499"),
        Told(common, "drivers", "Who in the engine is interested in what is shown to them, by locale, place, gender, age, platform and persona.",
            (engine, audience, cancellationToken) => engine.GetDrivers(audience, cancellationToken), AuieJson.Lenient.InterestView, LiveInsightsViews.Of,
            "auie insights drivers", "auie insights drivers --platform mobile --json"),
        Told(common, "effects", "What drives interest in the engine: effects of features over all and among what was shown together, and correlations, of a sample of the latest showings.",
            (engine, audience, cancellationToken) => engine.GetEffects(audience, cancellationToken), AuieJson.Lenient.EffectsView, LiveInsightsViews.Of,
            "auie insights effects", "auie insights effects --segment 2", "auie insights effects --locale id_ID --json"),
        Told(common, "when", "When users of the engine are active and interested, on their own clocks, and when to send: of everybody, by locale and persona.",
            (engine, audience, cancellationToken) => engine.GetWhen(audience, cancellationToken), AuieJson.Lenient.WhenView, WhenViews.Of,
            "auie insights when", "auie insights when --segment 2", "auie insights when --locale id_ID --json"),
    ];

    private static Command Told<T>(
        CommonOptions common, string name, string description, Func<AuieHttpClient, AudienceRequest, CancellationToken, Task<T>> ask, JsonTypeInfo<T> json, Func<T, IEnumerable<IRenderable>> forPeople, params string[] examples)
    {
        var audience = new AudienceOptions();
        var told = new Command(name, description);
        audience.AddTo(told);
        common.Run(told, async (parse, session, cancellationToken) =>
        {
            session.Print(await ask(session.Engine, audience.Read(parse, session), cancellationToken), json, forPeople);
            return ExitCodes.Ok;
        }, examples);
        return told;
    }

    private static Command InfluencersCommand(CommonOptions common)
    {
        var audience = new AudienceOptions();
        var count = OptionForms.Whole("--count", $"How many, from 1 to {MostInfluencers}. [default: {UsualInfluencers}]", 1, MostInfluencers);
        var influencers = new Command("influencers", "Who in the engine carries a word, of all or of those whom the options name.") { count };
        audience.AddTo(influencers);
        common.Run(influencers, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetInfluencers(audience.Read(parse, session), parse.GetValue(count), cancellationToken), AuieJson.Lenient.InfluencersView, InfluencersViews.Of);
            return ExitCodes.Ok;
        }, "auie insights influencers --locale id_ID", "auie insights influencers --segment 2 --count 50 --json");
        return influencers;
    }

    private static Command PersonasCommand(CommonOptions common)
    {
        var personas = new Command("personas", "Personas of the engine in depth: what sets each apart, flows from the version before, who is at the border, stability, drift.");
        common.Run(personas, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetPersonas(cancellationToken), AuieJson.Lenient.PersonasView, PersonasViews.Of);
            return ExitCodes.Ok;
        }, "auie insights personas", "auie insights personas --json");
        return personas;
    }

    private static Command QualityCommand(CommonOptions common)
    {
        var quality = new Command("quality", "How good the engine's data is: what profiles lack and what in them looks wrong, events by kind, what was refused and why, and what imports reported.");
        common.Run(quality, async (_, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetQuality(cancellationToken), AuieJson.Lenient.QualityView, QualityViews.Of);
            return ExitCodes.Ok;
        }, "auie insights quality", "auie insights quality --json");
        return quality;
    }

    /// <summary>auie funnels: the same as auie insights funnel, by the name that it has over HTTP.</summary>
    public static Command MakeFunnels(CommonOptions common) => FunnelCommand(common, "funnels", "auie funnels");

    private static Command FunnelCommand(CommonOptions common, string name, string called)
    {
        var audience = new AudienceOptions();
        string[] ever = [.. FunnelStep.All.Select(step => step.Name)], onlyInOrder = [.. EntryKinds.Sent.Where(Trail.Keeps).Select(kind => kind.Name()).Except(ever)];
        var steps = OptionForms.WordsOf("--steps", $"The steps in turn, each once, of {string.Join(", ", ever)}; with --within of {string.Join(", ", onlyInOrder)}, too. [default: those of shown, viewed, interested and purchased that anybody ever took; where nobody bought anything, as of --to came]", once: true, [.. ever, .. onlyInOrder]);
        var to = OptionForms.OneOf("--to", "Where no steps are named, which way is told: to purchased, or, by shown, viewed, interested and yes, to came.", "purchased", "came");
        var by = OptionForms.OneOf("--by", "Tell users apart, too; of locales and places the 100 with most users by themselves.", "locale", "place", "gender", "age", "platform", "persona");
        var hours = OptionForms.Number("--within", "HOURS", "Count steps in order only, all within so many hours of the first, with the time between them: by each user's latest 64 steps. [default: ever, in whatever order]",
            value => value > 0 && double.IsFinite(value), "a number of hours above 0");
        var funnel = new Command(name, "How many users in the engine took every step of a list up to each: ever, in whatever order and of whatever item; or, with --within, in order.") { steps, to, by, hours };
        funnel.Validators.Add(result =>
        {
            if (result.GetResult(to) is not null && result.GetResult(steps) is not null) result.AddError("--to and --steps do not go together: --to says which steps are meant where none are named.");
            var named = result.GetResult(steps)?.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries));
            if (result.GetResult(hours) is null && named?.FirstOrDefault(text => onlyInOrder.Contains(text, StringComparer.OrdinalIgnoreCase)) is { } one)
                result.AddError($"'{one}' is counted in order only, with --within; else --steps may be of {string.Join(", ", ever)}.");
        });
        audience.AddTo(funnel);
        common.Run(funnel, async (parse, session, cancellationToken) =>
        {
            if (parse.GetValue(hours) is { } within)
            {
                var ordered = new OrderedFunnelRequest(parse.GetValue(steps) ?? [], within * 3600, parse.GetValue(by), audience.Read(parse, session)) { To = parse.GetValue(to) };
                session.Print(await session.Engine.GetOrderedFunnel(ordered, cancellationToken), AuieJson.Lenient.OrderedFunnelView, LiveInsightsViews.Of);
                return ExitCodes.Ok;
            }

            var request = new FunnelRequest(parse.GetValue(steps) ?? [], parse.GetValue(by), audience.Read(parse, session)) { To = parse.GetValue(to) };
            session.Print(await session.Engine.GetFunnel(request, cancellationToken), AuieJson.Lenient.FunnelView, LiveInsightsViews.Of);
            return ExitCodes.Ok;
        }, called, $"{called} --steps shown,interested,yes --by locale", $"{called} --steps shown,purchased --within 72 --by place", $"{called} --by persona --platform web --json");
        return funnel;
    }

    private static InsightsReport Report(ObservedTables tables, string[] about, InfluenceOptions options) => new(
        tables.AsOf,
        about.Contains(Data) ? tables.Quality : null,
        about.Contains(Who) ? AudienceProfile.Of(tables.Audience, tables.AsOf) : null,
        about.Contains(Drivers) ? InterestDrivers.Of(tables.Showings, tables.AsOf) : null,
        about.Contains(When)
            ?
            [
                ActivityProfile.Of("shown", "what was shown, on each user's own clock (UTC where it is not known)", tables.Shown, tables.AsOf),
                ActivityProfile.Of("starts", "marks in lists of answers and invitations, by when their event starts, in UTC; who was invited and said yes has two", tables.Attendance, tables.AsOf, tables.MadeBy),
            ]
            : null,
        about.Contains(When) ? SendWindows.Of(tables.Showings, tables.Showings.Categories[0]) : null,
        about.Contains(Influencers) ? InfluenceOfTables.Of(tables, options) : null);
}
