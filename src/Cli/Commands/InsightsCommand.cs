using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;
using Auie.Cli.Import;
using Auie.Cli.Insights;
using Auie.Cli.Output;
using Auie.Client.Http;
using Auie.Core.Insights;
using Spectre.Console.Rendering;

namespace Auie.Cli.Commands;

/// <summary>auie insights.</summary>
internal static class InsightsCommand
{
    private const string Data = "data", Who = "who", Drivers = "drivers", When = "when", Influencers = "influencers";
    private const int MostInfluencers = 1_000;

    private static readonly string[] Parts = [Data, Who, Drivers, When, Influencers];

    public static Command Make(CommonOptions common)
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = $"The folder with {string.Join(", ", Layout.Tables)}, each as .csv or .csv.gz.",
        };
        folder.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !Directory.Exists(result.Tokens[0].Value))
                result.AddError($"'{result.Tokens[0].Value}' is no folder of tables here, and nothing that an engine is asked: that is who, drivers, effects, funnel, when, influencers, personas or quality.");
        });
        var about = new Option<string[]>("--about")
        {
            Description = $"Of {string.Join(", ", Parts)} only these. [default: all]",
            HelpName = "PART,…",
            DefaultValueFactory = _ => Parts,
            CustomParser = result =>
            {
                string[] named = [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries))];
                foreach (var name in named.Except(Parts)) result.AddError($"'{name}' is none of {string.Join(", ", Parts)}, as --about needs.");
                return named;
            },
        };
        var count = new Option<int>("--influencers")
        {
            Description = $"How many influencers, from 1 to {MostInfluencers}.",
            HelpName = "N",
            DefaultValueFactory = _ => 20,
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= MostInfluencers) return value;
                result.AddError($"'{text}' is not a whole number from 1 to {MostInfluencers}, as --influencers needs.");
                return 0;
            },
        };
        var verdicts = new Option<string?>("--verdicts")
        {
            Description = "Write a document, in Markdown, that holds every statement of the engine's founding text against these tables, and print nothing else.",
            HelpName = "FILE",
        };
        var seed = CommonOptions.Seed();
        var insights = new Command("insights", "Who there is, what drives interest, when, and who carries a word: of the tables of an event challenge in DIR, or (who, drivers, effects, funnel, when, influencers, personas, quality) of an engine.")
        {
            folder, about, count, verdicts, seed,
        };
        var funnel = FunnelCommand(common, "funnel", "auie insights funnel");
        funnel.Aliases.Add("funnels");
        foreach (var command in (IEnumerable<Command>)[.. OfAudiences(common), funnel, InfluencersCommand(common), PersonasCommand(common), QualityCommand(common)]) insights.Subcommands.Add(command);
        common.RunLocally(insights, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(folder).FullName;
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

            var options = new InfluenceOptions { Count = parse.GetValue(count), Seed = (ulong)(parse.GetValue(seed) ?? 1) };
            session.Print(Report(tables, parse.GetRequiredValue(about), options), CliJson.Default.InsightsReport, InsightsViews.Of);
            return ExitCodes.Ok;
        },
            "auie insights tables",
            "auie insights tables --about who,when --json",
            "auie insights tables --about influencers --influencers 50",
            "auie insights tables --verdicts seed.md");
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
        var count = new Option<int?>("--count") { Description = $"How many, from 1 to {MostInfluencers}. [default: 20]", HelpName = "N" };
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
        var steps = CommonOptions.Names("--steps", "The steps in turn, of invited, shown, viewed, interested, maybe, yes, came, purchased. [default: those of shown, viewed, interested and purchased that anybody ever took; where nobody bought anything, as of --to came]", required: false);
        var to = new Option<string?>("--to") { Description = "Where no steps are named, which way is told: to purchased, or, by shown, viewed, interested and yes, to came.", HelpName = "purchased|came" };
        to.AcceptOnlyFromAmong("purchased", "came");
        var by = new Option<string?>("--by") { Description = "Tell users apart, too; of locales and places the 100 with most users by themselves.", HelpName = "locale|place|gender|age|platform|persona" };
        by.AcceptOnlyFromAmong("locale", "place", "gender", "age", "platform", "persona");
        var hours = new Option<double?>("--within") { Description = "Count steps in order only, all within so many hours of the first, with the time between them: by each user's latest 64 steps.", HelpName = "HOURS" };
        var funnel = new Command(name, "How many users in the engine took every step of a list up to each: ever, in whatever order and of whatever item; or, with --within, in order.") { steps, to, by, hours };
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
                ActivityProfile.Of("starts", "people who answered or were invited, when their event starts, in UTC", tables.Attendance, tables.AsOf, tables.MadeBy),
            ]
            : null,
        about.Contains(When) ? SendWindows.Of(tables.Showings, tables.Showings.Categories[0]) : null,
        about.Contains(Influencers) ? InfluenceOfTables.Of(tables, options) : null);
}
