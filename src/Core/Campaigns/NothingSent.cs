using System.Globalization;

namespace Auie.Core.Campaigns;

/// <summary>That a plan would send nothing to anybody, and why: there is nothing to carry out then, and nothing to measure.</summary>
public static class NothingSent
{
    /// <summary>Why a plan sends nothing; null where it sends something.</summary>
    public static string? Why(Campaign plan)
    {
        var (of, counts) = (plan.Excluded, plan.Counts);
        if (of.Segment == 0) return "the segment has no members";
        if (counts.Treated == 0) return $"of the segment's {Members(of.Segment)} nobody is left to send anything to{Reasons(plan)}";
        return plan.HasOwnItems ? counts.WithoutItems == counts.Treated ? NothingFits(plan.ItemsSample) : null
            : plan.Items.IsEmpty ? NothingFits(plan.ItemsSample) : null;

        string NothingFits(long asked) => $"nothing that there is fits what is offered{(plan.OfferedItems.Length == 0 ? "" : $" ({plan.OfferedItems})")} for any of the {Members(asked)} who were asked";
    }

    private static string Reasons(Campaign plan)
    {
        var of = plan.Excluded;
        (long Count, string Why)[] reasons =
        [
            (of.NoTracking, "forbade that what they do is kept"),
            (of.Reached, of.Aside is null ? "are reached as often as may be by other campaigns, or left alone by them" : "are reached as often as may be by other campaigns"),
            (of.Aside ?? 0, "are left alone by other campaigns, to compare with"),
            (plan.Counts.LeftAlone, "are left alone by this one, to compare with"),
        ];
        string[] told = [.. reasons.Where(reason => reason.Count > 0).Select(reason => $"{reason.Count.ToString("N0", CultureInfo.InvariantCulture)} {reason.Why}")];
        return told.Length == 0 ? "" : $": {string.Join(", ", told)}";
    }

    private static string Members(long count) => count == 1 ? "1 member" : $"{count.ToString("N0", CultureInfo.InvariantCulture)} members";
}
