using System.Globalization;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Client.Http;
using Auie.Core.Campaigns;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Insights;

/// <summary>How campaigns look to a person: in words, then in tables.</summary>
internal static class CampaignViews
{
    /// <summary>No plan leaves a larger share alone.</summary>
    private const double MostHoldout = 0.5;

    /// <summary>Of more items than these the plan tells those that are sent to most.</summary>
    private const int ItemsTold = 20;

    public static IEnumerable<IRenderable> Of(CampaignList list)
    {
        if (list.Campaigns.Length == 0)
        {
            yield return Views.Line("No campaign is planned. auie strategies tells which strategy fits which segment, auie campaigns plan what it comes to.");
            yield break;
        }

        var table = Views.Grid("Id", "Strategy", "For", "Planned", "First sent", "Treated", "Left alone", "Judged by how many");
        foreach (var one in list.Campaigns)
        {
            table.AddRow(Views.Cells(one.Id, one.Strategy, one.Persona, Views.Instant(one.MadeAt), one.FirstSend is { } first ? Views.Instant(first) : "", $"{one.Audience.Treated:N0}",
                $"{one.Audience.LeftAlone:N0}", MeasureWords.Of(one.Measure).Do));
        }

        yield return table;
    }

    public static IEnumerable<IRenderable> Of(CampaignView view)
    {
        var (audience, expected) = (view.Audience, view.Expected);
        yield return Views.Line($"{view.Strategy} for {view.Persona} (segment {view.Segment} of version {view.ModelVersion}), {(view.Stored ? $"stored as {view.Id}" : view.SendsNothing is null ? $"a preview: --store would keep it as {view.Id}" : "a preview, which --store would not keep")}. As of {Views.Instant(view.AsOf)}.");
        if (view.SendsNothing is { } nothing) yield return Views.Line($"NOTHING IS SENT to anybody: {nothing}.");
        var sent = view.SendsNothing is null ? audience.Treated - view.WithoutItems : 0;
        yield return Views.Line($"Of {audience.Segment:N0} members {sent:N0} are sent something{(sent < audience.Treated ? $", {audience.Treated - sent:N0} would be, but nothing fits," : "")} and {audience.LeftAlone:N0} are left alone to compare with (each with a chance of {Percent(view.Holdout)}{(view.HoldoutDrawn is { } drawn ? $", which drew {Percent(drawn)}" : "")}). "
            + $"Left out: {audience.NoTracking:N0} who forbade that what they do is kept, {audience.Reached:N0} whom other campaigns reach {view.Most} {(view.Most == 1 ? "time" : "times")} in {view.Days} days"
            + (audience.Aside is { } aside ? $", {aside:N0} whom other campaigns leave alone to compare with." : ", or leave alone to compare with."));
        if (view.SendsNothing is not null)
        {
            yield return Offered(view);
            yield break;
        }

        if (When(view) is { } when) yield return Views.Line(when);
        yield return Views.Line($"The segment's best time is {WhenViews.Sending(view.Time)}: {WhenViews.Why(view.Time)}."
            + (view.TimeRule.Length > 0 ? $" The strategy's rule: {view.TimeRule}; so {view.TimedBy.GetValueOrDefault("member"):N0} are reached by their own hours, {view.TimedBy.GetValueOrDefault("locale"):N0} by their locale's and {view.TimedBy.GetValueOrDefault("segment"):N0} by the segment's." : "")
            + $" The zone is of the profile of {view.Zones.Profile:N0}, of the locale's country of {view.Zones.Locale:N0}, not known of {view.Zones.Unknown:N0} (UTC).");
        foreach (var one in expected.Outcomes)
        {
            var (things, does) = one.Outcome == "purchased" ? ("products", "buys") : ("events", "says yes to");
            yield return Views.Line($"Of the {one.Sent:N0} who are sent {things}, {Number(one.Answers.Value)} are expected {(does == "buys" ? "to buy one" : "to say yes")} ({Number(one.Answers.Low)} to {Number(one.Answers.High)} in 95 of 100 cases): "
                + $"as before, a member {does} {Percent(one.ByMember.Value)} of the {things} that are shown to them ({Percent(one.ByMember.Low)} to {Percent(one.ByMember.High)}; n = {one.Members:N0} members, each counted alike; of all that was shown, {one.Rate.N:N0}, it was {Percent(one.Rate.Value)}).");
        }

        yield return Views.Line(Expected(view, sent));
        var channels = Views.Grid("Channel", "Members");
        foreach (var (channel, count) in view.Channels) channels.AddRow(Views.Cells(channel.Length == 0 ? "not known" : channel, $"{count:N0}"));
        yield return channels;
        if (view.ChannelRule.Length > 0) yield return Views.Line($"Through {view.ChannelRule}.");
        if (view.Offer.Length > 0) yield return Offered(view);
        if (view.Items.Length > 0)
        {
            var items = Views.Grid("Item", "Title", view.ItemsSample == 0 ? "Named" : view.OwnItems ? $"Sent to, of {audience.Treated:N0}" : $"Suits, of {view.ItemsSample} who were asked");
            foreach (var item in view.Items) items.AddRow(Views.Cells(item.Id, item.Title, view.ItemsSample == 0 ? "yes" : $"{item.Sample}"));
            yield return items;
            yield return Views.Line(view.ItemsSample == 0 ? "All are sent these." : view.OwnItems ? (view.ItemsSample < audience.Treated
                    ? $"Those who live in one place are sent what suits most of some of them who were asked, {view.ItemsSample:N0} in all, and so are all others together, as the export tells; {(view.Items.Length >= ItemsTold ? $"these are the {view.Items.Length} that are sent to most, and there may be more; " : "")}for {view.WithoutItems:N0} nothing fits the offer. More than Engine:MaxCampaignRecommendations are treated, so that not each was asked."
                    : $"Each member is sent what suits them, as the export tells; {(view.Items.Length >= ItemsTold ? $"these are the {view.Items.Length} that are sent to most, and there may be more; " : "")}for {view.WithoutItems:N0} nothing fits the offer.")
                : $"All are sent these, chosen by {view.ItemsSample} members: of so many it is among the first that are recommended. More than Engine:MaxCampaignRecommendations are treated, so that not each was asked.");
        }

        if (view.Influencers.Length == 0) yield break;
        yield return Views.Line($"Asked first, {view.Influencers.Length} members are expected to reach {Number(view.Reach.Value)} of those who are sent something ({Number(view.Reach.Low)} to {Number(view.Reach.High)}), by a model of how a word passes among friends.");
        var people = Views.Grid("Influencer", "Friends", "Reaches", "Adds");
        foreach (var one in view.Influencers) people.AddRow(Views.Cells(one.User, $"{one.Friends:N0}", Number(one.Alone), Number(one.Added)));
        yield return people;
    }

    /// <summary>What is to come of all that is sent, and how large a change would be seen. Where each kind of what is sent has its own line, members have no one rate.</summary>
    private static string Expected(CampaignView view, long sent)
    {
        var (audience, expected, words, falls) = (view.Audience, view.Expected, MeasureWords.Of(view.Measure), CampaignMeasures.Of(view.Measure).IsToFall());
        var answers = $"({Number(expected.Answers.Low)} to {Number(expected.Answers.High)} in 95 of 100 cases)";
        var all = expected.Outcomes.Length switch
        {
            0 => $"Expected: {Number(expected.Answers.Value)} of the {sent:N0} who are sent something {words.Do} upon one message{(falls ? ", of whom fewer are better" : "")} {answers}, if as before a member {words.DoesTo} {Percent(expected.ByMember.Value)} of what is shown to them "
                + $"({Percent(expected.ByMember.Low)} to {Percent(expected.ByMember.High)}; n = {expected.Members:N0} members, each counted alike; of all that was shown, {expected.Rate.N:N0}, it was {Percent(expected.Rate.Value)}). ",
            1 => "",
            _ => $"Together {Number(expected.Answers.Value)} of the {sent:N0} who are sent something are expected to {words.Do} {answers}. ",
        };
        // Half is the most that may be left alone.
        var more = view.Holdout < MostHoldout ? "leave more alone (--holdout), or plan it for more members" : "plan it for more members";
        // A share can rise by what is missing of all, and fall by what there is; and hardly by more than what is sent brings.
        var isMuch = expected.Detectable > (falls ? expected.Baseline : Math.Min(expected.Baseline, 1 - expected.Baseline)) / 4 || (!falls && expected.Detectable > expected.Answers.Value / audience.Treated);
        var baseline = double.IsNaN(expected.Baseline) ? $"How many would do so by themselves within {view.Days} days is not known, for of no member it is known since when they have been seen."
            : $"By themselves {Percent(expected.Baseline)} of members would do so within {view.Days} days.";
        return $"{all}{baseline} "
            + (audience.LeftAlone == 0 ? "With nobody left alone, what it changed will not be known."
                : double.IsNaN(expected.Baseline) ? "Nor is it how large a change would be seen."
                : double.IsNaN(expected.Detectable) ? $"They are too few for any difference to be seen in four of five such campaigns: {more}."
                : $"A {(falls ? "fall" : "rise")} of {100 * expected.Detectable:0.0} points or more, from these {Percent(expected.Baseline)} of members, would be seen in four of five such campaigns."
                    + (isMuch ? $" That is much: a smaller one would hardly be told from chance. To see one, {more}." : ""));
    }

    private static Text Offered(CampaignView view) =>
        Views.Line($"Offered: {view.Offer} That is: {view.OfferedItems}.{(view.SendsNothing is null || view.Audience.Treated == 0 ? "" : " Name --items, or say another --category or --place.")}");

    /// <summary>When it is really sent: the rule, and each member's clock, may make that other days and hours than the segment's best; null where nothing is sent.</summary>
    private static string? When(CampaignView view)
    {
        if (view.FirstSend is not { } first || view.LastSend is not { } last) return null;
        var instants = $"the first goes {Views.Instant(first)}, the last {Views.Instant(last)}.";
        return view.SentWhen.Length == 0 ? $"When: {instants}" : $"When: {view.SentWhen}, on each member's own clock; {instants}";
    }

    public static IEnumerable<IRenderable> Of(CampaignResultView view)
    {
        if (view.AsOf <= view.Since && view.Treated.Hits + view.LeftAlone.Hits == 0)
        {
            yield return Views.Line($"{view.Id}, since {Views.Instant(view.Since)}: no answer has come in since, and the last event is of {Views.Instant(view.AsOf)}. What it changed is not told yet.");
            yield break;
        }

        yield return Views.Line($"{view.Id}, since {Views.Instant(view.Since)}, as of {Views.Instant(view.AsOf)}."
            + (view.FirstSend is { } first && first > view.AsOf ? $" Its first message goes {Views.Instant(first)}: nothing of it is in these figures yet." : ""));
        var did = MeasureWords.Of(view.Measure).Did;
        yield return Views.Line(double.IsNaN(view.Difference.Value)
            ? "Those treated cannot be compared: nobody was left alone, or nobody treated."
            : $"Of those treated {Percent(view.Treated.Value)} {did} (n = {view.Treated.N:N0}), of those left alone {Percent(view.LeftAlone.Value)} (n = {view.LeftAlone.N:N0}): "
                + $"a difference of {WhenViews.Lift(view.Difference)}. {Chance(view)}");
        if (view.Gone > 0) yield return Views.Line($"{view.Gone:N0} members cannot be found any more, and are in no figure.");
        var table = Views.Grid("Members", "n", $"{char.ToUpperInvariant(did[0])}{did[1..]}", "Share", "95 %");
        table.AddRow(Row("treated", view.Treated));
        table.AddRow(Row("left alone", view.LeftAlone));
        yield return table;
    }

    /// <summary>How often chance alone makes such a difference.</summary>
    private static string Chance(CampaignResultView view)
    {
        var p = CampaignResult.Of(view.Treated.Hits, view.Treated.N, view.LeftAlone.Hits, view.LeftAlone.N).P;
        if (!view.Found) return string.Create(CultureInfo.InvariantCulture, $"That may be chance (p = {p:0.00}).");
        return p < 0.001 ? "Of campaigns that change nothing, fewer than 1 in 1,000 would show one as large (p < 0.001)."
            : string.Create(CultureInfo.InvariantCulture, $"Of 1,000 campaigns that change nothing, about {Math.Max(1, 1000 * p):0} would show one as large (p = {p:0.000}).");
    }

    private static Text[] Row(string name, RateView rate) =>
        Views.Cells(name, $"{rate.N:N0}", $"{rate.Hits:N0}", Percent(rate.Value), $"{Percent(rate.Low)} to {Percent(rate.High)}");

    private static string Percent(double share) => double.IsNaN(share) ? "not known" : share.ToString("P1", CultureInfo.InvariantCulture);

    private static string Number(double value) => double.IsNaN(value) ? "not known" : value.ToString(value < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture);
}
