namespace Auie.Abstractions;

/// <summary>Which steps, in order, within how many seconds from the first, of whom, and what users are told apart by: locale, place, gender, age, platform or persona; null for nothing.</summary>
/// <param name="Steps">Kinds of events; none: those of the way to buying or coming of which it is known when anybody took them.</param>
[GenerateSerializer, Immutable, Alias("auie.ordered-funnel-request")]
public sealed record OrderedFunnelRequest([property: Id(0)] string[] Steps, [property: Id(1)] double WindowSeconds, [property: Id(2)] string? By, [property: Id(3)] AudienceRequest Audience)
{
    /// <summary>As of <see cref="FunnelRequest"/>.</summary>
    [Id(4)] public string? To { get; init; }
}

/// <summary>How far users got in order and how long they took, by the latest steps of each that are kept.</summary>
/// <param name="Since">The earliest event of these steps that is kept; null where there is none.</param>
/// <param name="Events">How many of them are.</param>
/// <param name="Groups">Everybody first, then the group with most users, and last, together, those that are not told by themselves, and those of whom it is not known in which group they are.</param>
[GenerateSerializer, Immutable, Alias("auie.ordered-funnel-view")]
public sealed record OrderedFunnelView(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] DateTimeOffset? Since, [property: Id(2)] long Events, [property: Id(3)] long ModelVersion, [property: Id(4)] string[] Steps,
    [property: Id(5)] double WindowSeconds, [property: Id(6)] OrderedFunnelGroupView[] Groups)
{
    /// <summary>As of <see cref="FunnelView"/>.</summary>
    [Id(7)] public bool Overlaps { get; init; }

    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(8)] public string? Nobody { get; init; }

    /// <summary>How many users are meant, whether they took a step or not. The first group's users are those of them who took the first step, so that it is known when.</summary>
    [Id(9)] public long Meant { get; init; }

    /// <summary>Of how many of the others it is counted that they took the first step, but not kept when: it has no date, or they took as many steps since as are kept.</summary>
    [Id(10)] public long FirstNotKept { get; init; }
}

/// <summary>A group's users, and how far they got.</summary>
/// <param name="Value">"" for everybody.</param>
/// <param name="Users">Who took the first step.</param>
[GenerateSerializer, Immutable, Alias("auie.ordered-funnel-group-view")]
public sealed record OrderedFunnelGroupView([property: Id(0)] string Value, [property: Id(1)] long Users, [property: Id(2)] OrderedFunnelReachedView[] Reached)
{
    /// <summary>What all of them paid within the window from the first step of the way that counts, whether they came to the end or not, in ten-thousandths of the currency unit; of a platform, what of that was paid there (of the unknown one, what whoever paid on none that is known).</summary>
    [Id(3)] public long Spent { get; init; }

    /// <summary>Whether it stands for all locales or places that are not told by themselves.</summary>
    [Id(4)] public bool IsRest { get; init; }

    /// <summary>What of that those paid who came to the last step.</summary>
    [Id(5)] public long SpentToEnd { get; init; }

    /// <summary>The group's users, of everybody who took the first step.</summary>
    [Id(6)] public RateView OfAll { get; init; } = new(double.NaN, 0, 0, 0, 1);

    /// <summary>Whether it stands for those of whom it is not known in which group they are; a value that users write has it false.</summary>
    [Id(7)] public bool IsUnknown { get; init; }
}

/// <summary>How many took this step and all before it in order, of those who took the first and the one before, from a first step whose window is over; and how long half and nine of ten of them took at the most since that one, in seconds, to the next power of two.</summary>
[GenerateSerializer, Immutable, Alias("auie.ordered-funnel-reached-view")]
public sealed record OrderedFunnelReachedView(
    [property: Id(0)] long Users, [property: Id(1)] RateView OfFirst, [property: Id(2)] RateView OfBefore, [property: Id(3)] double? MedianWait, [property: Id(4)] double? NinetiethWait)
{
    /// <summary>How many got just so far and may still go on, since the window from their latest first step is not over; rates are only of ways whose window is over.</summary>
    [Id(5)] public long NotYet { get; init; }
}

/// <summary>Core.Insights.OrderedFunnel, as a message: by group how many reached each step, and waits by step and bin; the earliest event (ticks of UTC; 0: none) and how many there are.</summary>
[GenerateSerializer, Immutable, Alias("auie.ordered-funnel-part")]
public sealed record OrderedFunnelPart(
    [property: Id(0)] Dictionary<string, long[]> Reached, [property: Id(1)] Dictionary<string, long[][]> Waits, [property: Id(2)] long Since, [property: Id(3)] long Events)
{
    /// <summary>By group, how many got just so far and wait.</summary>
    [Id(4)] public required Dictionary<string, long[]> Waiting { get; init; }

    /// <summary>By group, how many reached each step from a first step whose window is over.</summary>
    [Id(6)] public required Dictionary<string, long[]> Over { get; init; }

    /// <summary>By group, what was paid on the way.</summary>
    [Id(5)] public required Dictionary<string, long> Spent { get; init; }

    /// <summary>By group, what of that those paid who came to the last step.</summary>
    [Id(7)] public required Dictionary<string, long> SpentToEnd { get; init; }

    /// <summary>As Core.Insights.OrderedFunnel.</summary>
    [Id(8)] public long Users { get; init; }

    [Id(9)] public long FirstNotKept { get; init; }
}
