namespace Auie.Core.Users;

/// <summary>
/// All of a user's state but who the friends and what the single answers are: traits, counts, sums and instants, a few hundred bytes.
/// A head alone gives every fact that features are made of. It is a fold: the same entries in any order, and heads merged in any
/// grouping, give the same head.
/// </summary>
public sealed class UserHead
{
    /// <summary>How many platforms, channels and names of other events are counted each by itself; those after them in the order of UTF-8 are counted as "".</summary>
    public const int MostNames = NameCounts.Most;

    /// <summary>How many anonymous ids are held; of more the first in the order of UTF-8.</summary>
    public const int MostAnonymousIds = 256;

    internal static readonly int Kinds = EntryKinds.All.Count;

    internal readonly long[] Counts = new long[Kinds];
    internal readonly NameCounts PlatformCounts = new();
    internal readonly NameCounts ChannelCounts = new();
    internal readonly NameCounts NamesOfOthers = new();
    internal readonly IdSet Anonymous = new(MostAnonymousIds);
    internal readonly IdSet Adopted = new();

    internal UserHead() : this(new UserTraits(), new RowTally(), new RowTally())
    {
    }

    internal UserHead(UserTraits traits, RowTally friends, RowTally items)
    {
        Traits = traits;
        FriendTally = friends;
        ItemTally = items;
    }

    internal RowTally FriendTally { get; }

    internal RowTally ItemTally { get; }

    /// <summary>The sum of amounts: never wrapped, so that sums in any grouping agree.</summary>
    internal Int128 SpentSum { get; set; }

    /// <summary>What of it was spent on which kind of platform, since heads tell it apart; the rest is of none that is known.</summary>
    internal readonly Int128[] SpentByPlatform = new Int128[PlatformKinds.Count];

    internal Permission? TrackingSaid { get; set; }

    internal Permission? PersonalisationSaid { get; set; }

    /// <summary>The offset of the last record that is folded in; 0 for none.</summary>
    public long Offset { get; internal set; }

    public UserTraits Traits { get; }

    /// <summary>Whose this id is, where it is another user's: what came since the record that says so was passed on to them.</summary>
    public string? Owner { get; internal set; }

    /// <summary>
    /// The ids whose history was taken over, and those that these had taken over before, in the order of UTF-8. Every one is held, or erasing the
    /// user would leave some behind.
    /// </summary>
    public IReadOnlyList<string> Sources => Adopted;

    /// <summary>Whether what the user does may be kept, as they said last; null where they never did.</summary>
    public bool? Tracking => TrackingSaid?.Given;

    /// <summary>When that was said, in ticks of UTC; 0 where nothing was.</summary>
    public long TrackingSaidAt => TrackingSaid?.Stamp.Ticks ?? 0;

    /// <summary>Whether the user may be put into segments and be recommended to, as they said last; null where they never did.</summary>
    public bool? Personalisation => PersonalisationSaid?.Given;

    /// <summary>How many entries of a kind there were of the user's own: the engine's own kinds, and what friends' events told, are not counted.</summary>
    public long Count(EntryKind kind) => Counts[(int)kind - 1];

    /// <summary>How many entries there were of the user's own; 0 for somebody whom only others mention.</summary>
    public long Entries => Counts.Sum();

    /// <summary>For each platform, in the order of names, how many entries came from it.</summary>
    public IReadOnlyList<(string Name, long Count)> Platforms => PlatformCounts;

    /// <summary>For each channel, in the order of names, how many entries came through it.</summary>
    public IReadOnlyList<(string Name, long Count)> Channels => ChannelCounts;

    /// <summary>For each name of events of kind other, in the order of names, how many there were.</summary>
    public IReadOnlyList<(string Name, long Count)> Names => NamesOfOthers;

    /// <summary>What was spent, in ten-thousandths of the currency unit; the largest number there is where it is more.</summary>
    public long Spent => (long)Int128.Clamp(SpentSum, long.MinValue, long.MaxValue);

    /// <summary>What of that was spent on a kind of platform, as the purchase says; what was spent before it was counted is on none.</summary>
    public long SpentOn(PlatformKind platform) => (long)Int128.Clamp(SpentByPlatform[(int)platform], long.MinValue, long.MaxValue);

    /// <summary>The earliest and the latest instant at which a dated entry shows the user's presence (<see cref="EntryKinds.ShowsPresence"/>).</summary>
    public DateTimeOffset? FirstSeen { get; internal set; }

    public DateTimeOffset? LastSeen { get; internal set; }

    /// <summary>When the user is active: what came since heads count it.</summary>
    public Rhythm Rhythm { get; } = new();

    /// <summary>The user's latest steps, of those that came since heads keep them.</summary>
    public Trail Trail { get; } = new();

    /// <summary>The ids under which the person was seen before they were known, in the order of UTF-8.</summary>
    public IReadOnlyList<string> AnonymousIds => Anonymous;

    /// <summary>How many friends there are now.</summary>
    public int Friends => FriendTally.First(UserState.IsFriendNow);

    /// <summary>How many items have interested as the user's latest answer, not interested, and so on.</summary>
    public int Interested => ItemTally.First(UserState.IsInterested);

    public int NotInterested => ItemTally.First(UserState.IsNotInterested);

    public int Yes => ItemTally.Second(UserState.SaidYes);

    public int Maybe => ItemTally.Second(UserState.SaidMaybe);

    public int No => ItemTally.Second(UserState.SaidNo);

    /// <summary>How many different items the user was shown.</summary>
    public int ItemsShown => ItemTally.Shown;

    /// <summary>How many different items the user was shown or answered in any way: what rates of answers are of.</summary>
    public int ItemsShownOrAnswered => ItemTally.ShownOrAnswered;

    internal void Apply(Entry entry)
    {
        if (entry.Kind.IsEnginesOwn())
        {
            if (entry.Kind == EntryKind.Adopt)
                TakeOver(entry.Other);
            else
                Owner = entry.Other;
            return;
        }
        if (entry.Other is null)
            Counts[(int)entry.Kind - 1]++;
        if (entry.Kind.ShowsPresence() && entry.At != EntryValidation.Undated)
            See(entry.At, entry.At);
        Rhythm.Add(entry);
        Trail.Add(entry);
        if (entry is { Kind: EntryKind.Purchased, Amount: { } amount })
            Spend(amount, PlatformKinds.Of(entry.Platform));
        if (entry.Platform is not null)
            PlatformCounts.Add(entry.Platform, 1);
        if (entry.Channel is not null)
            ChannelCounts.Add(entry.Channel, 1);
        if (entry.Name is not null)
            NamesOfOthers.Add(entry.Name, 1);
        if (entry.AnonymousId is not null)
            Anonymous.Add(entry.AnonymousId);
        if (entry.Kind == EntryKind.Identify)
            Traits.Set(entry.Traits, entry.At, entry.MessageId);
        if (entry.Kind == EntryKind.Consent)
            Consent(entry);
    }

    private void Spend(long amount, PlatformKind platform)
    {
        SpentSum += amount;
        if (platform != PlatformKind.Unknown)
            SpentByPlatform[(int)platform] += amount;
    }

    private void TakeOver(string? source)
    {
        if (source is not null)
            Adopted.Add(source);
    }

    private void Consent(Entry entry)
    {
        var stamp = new Stamp(entry.At.UtcTicks, entry.MessageId);
        if (entry.Tracking is { } tracking)
            TrackingSaid = Permission.Later(TrackingSaid, new Permission(tracking, stamp));
        if (entry.Personalisation is { } personalisation)
            PersonalisationSaid = Permission.Later(PersonalisationSaid, new Permission(personalisation, stamp));
    }

    /// <summary>Takes over what another head says, but for its place in the journal and its owner, which are the id's own.</summary>
    internal void Absorb(UserHead other)
    {
        for (var i = 0; i < Counts.Length; i++)
            Counts[i] += other.Counts[i];
        SpentSum += other.SpentSum;
        for (var i = 0; i < SpentByPlatform.Length; i++)
            SpentByPlatform[i] += other.SpentByPlatform[i];
        if (other.FirstSeen is { } first && other.LastSeen is { } last)
            See(first, last);
        PlatformCounts.Merge(other.PlatformCounts);
        ChannelCounts.Merge(other.ChannelCounts);
        NamesOfOthers.Merge(other.NamesOfOthers);
        Anonymous.Merge(other.Anonymous);
        Adopted.Merge(other.Adopted);
        Rhythm.Merge(other.Rhythm);
        Trail.Merge(other.Trail);
        TrackingSaid = Permission.Later(TrackingSaid, other.TrackingSaid);
        PersonalisationSaid = Permission.Later(PersonalisationSaid, other.PersonalisationSaid);
        Traits.Merge(other.Traits);
    }

    /// <summary>Forgets everybody of these ids among who was taken over and what the person was seen as, and as the owner; whether there was any.</summary>
    internal bool Forget(IReadOnlySet<string> ids)
    {
        var forgotten = Owner is { } owner && ids.Contains(owner);
        if (forgotten)
            Owner = null;
        foreach (var id in ids)
        {
            forgotten |= Adopted.Remove(id);
            if (UserIds.IsAnonymous(id))
                forgotten |= Anonymous.Remove(id[UserIds.AnonymousPrefix.Length..]);
        }
        return forgotten;
    }

    internal UserHead Copy()
    {
        var copy = new UserHead(Traits.Copy(), FriendTally.Copy(), ItemTally.Copy())
        {
            Offset = Offset,
            SpentSum = SpentSum,
            FirstSeen = FirstSeen,
            LastSeen = LastSeen,
            Owner = Owner,
            TrackingSaid = TrackingSaid,
            PersonalisationSaid = PersonalisationSaid,
        };
        Counts.CopyTo(copy.Counts, 0);
        SpentByPlatform.CopyTo(copy.SpentByPlatform, 0);
        copy.PlatformCounts.Merge(PlatformCounts);
        copy.ChannelCounts.Merge(ChannelCounts);
        copy.NamesOfOthers.Merge(NamesOfOthers);
        copy.Anonymous.Merge(Anonymous);
        copy.Adopted.Merge(Adopted);
        copy.Rhythm.Merge(Rhythm);
        copy.Trail.Merge(Trail);
        return copy;
    }

    private void See(DateTimeOffset first, DateTimeOffset last)
    {
        if (FirstSeen is not { } earliest || IsBefore(first, earliest))
            FirstSeen = first;
        if (LastSeen is not { } latest || IsBefore(latest, last))
            LastSeen = last;
    }

    /// <summary>Of one instant seen at two offsets the smaller offset counts as before, so that the order of entries decides nothing.</summary>
    private static bool IsBefore(DateTimeOffset a, DateTimeOffset b) => a < b || (a == b && a.Offset < b.Offset);
}
