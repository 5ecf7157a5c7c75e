using System.Collections.Immutable;
using Auie.Core.Codecs;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Auie.Core.Strategies;

namespace Auie.Core.Campaigns;

/// <summary>
/// The bytes of a campaign and of its members, apart from each other. A campaign: the version, its fields in the order of their declaration but for the offer, which version 2 has at the end, and for what rules decide and each member's rate, which version 3 has after it, and for when how many are sent it (the day's number, the hour, how many) and one more than how many others leave alone (0: not known), which version 4 has after that, and for what is expected by kinds of things, which version 5 has last (instants as ticks
/// from <see cref="Instants.Epoch"/> and minutes from UTC, numbers as the bits of doubles), lists after their lengths. Version 2 of members: the version; the items of all, after how many; how many members; of each the id,
/// the channel, whether treated, from what the zone is known, when and at which offset, the answers before, by whose hours, and one more than how many items of their own, by their places among those of all (0: none of their own).
/// Version 1 had neither items nor whose hours.
/// </summary>
public static class CampaignCodec
{
    private const byte Version = 5, WithoutOutcomes = 4, WithoutSends = 3, WithoutRules = 2, WithoutOffer = 1, MembersVersion = 2, MembersAlike = 1;
    private const string What = "A campaign", Whose = "A campaign's members";
    private static readonly string[] Channels = ["", "web", "mobile", "email"];

    public static byte[] Encode(Campaign campaign)
    {
        var writer = new ByteWriter();
        writer.Byte(Version);
        writer.Varint((ulong)campaign.Number);
        writer.Text(campaign.Strategy);
        writer.Varint((ulong)campaign.LibraryVersion);
        writer.Varint((ulong)campaign.ModelVersion);
        writer.Varint((ulong)campaign.Segment);
        writer.Text(campaign.Persona);
        Write(writer, campaign.MadeAt);
        Write(writer, campaign.AsOf);
        Write(writer, campaign.From);
        writer.Byte((byte)campaign.Measure);
        writer.Varint((ulong)campaign.Most);
        writer.Varint((ulong)campaign.Days);
        Write(writer, campaign.Holdout);
        writer.Varint((ulong)campaign.Excluded.Segment);
        writer.Varint((ulong)campaign.Excluded.NoTracking);
        writer.Varint((ulong)campaign.Excluded.Reached);
        writer.Varint((ulong)campaign.Time.Weekday);
        writer.Varint((ulong)campaign.Time.From);
        writer.Varint((ulong)campaign.Time.To);
        writer.Byte((byte)campaign.Time.Basis);
        Write(writer, campaign.Time.Share);
        Write(writer, campaign.Time.Lift.Slope);
        writer.Varint((ulong)campaign.Time.Lift.N);
        Write(writer, campaign.Time.Lift.Interval);
        Write(writer, campaign.Time.Lift.P);
        writer.Varint((ulong)campaign.Items.Length);
        foreach (var item in campaign.Items)
        {
            writer.Text(item.Id);
            writer.Text(item.Title);
            writer.Varint((ulong)item.Sample);
        }

        writer.Varint((ulong)campaign.ItemsSample);
        writer.Varint((ulong)campaign.Influencers.Length);
        foreach (var one in campaign.Influencers)
        {
            writer.Text(one.User);
            writer.Varint((ulong)one.Friends);
            Write(writer, one.Alone);
            Write(writer, one.Added);
        }

        Write(writer, campaign.Reach);
        Write(writer, campaign.ReachInterval);
        Write(writer, campaign.Expected.Rate);
        Write(writer, campaign.Expected.Answers);
        Write(writer, campaign.Expected.AnswersInterval);
        Write(writer, campaign.Expected.Baseline);
        Write(writer, campaign.Expected.Detectable);
        var counts = campaign.Counts;
        foreach (var count in (ReadOnlySpan<long>)[counts.Treated, counts.LeftAlone, counts.Web, counts.Mobile, counts.Email, counts.NoChannel, counts.ZonesProfile, counts.ZonesLocale, counts.ZonesUnknown])
            writer.Varint((ulong)count);
        writer.Byte(counts.FirstSend is null ? (byte)0 : (byte)1);
        if (counts is { FirstSend: { } first, LastSend: { } last })
        {
            Write(writer, first);
            Write(writer, last);
        }

        writer.Text(campaign.Offer);
        writer.Text(campaign.OfferedItems);
        writer.Text(campaign.Channels);
        writer.Text(campaign.Times);
        writer.Byte(campaign.HasOwnItems ? (byte)1 : (byte)0);
        Write(writer, campaign.Expected.ByMember.Value);
        Write(writer, campaign.Expected.ByMember.Interval);
        foreach (var count in (ReadOnlySpan<long>)[campaign.Expected.ByMember.People, counts.TimedByLocale, counts.TimedByMember, counts.WithoutItems])
            writer.Varint((ulong)count);
        writer.Varint((ulong)campaign.Sends.Length);
        foreach (var at in campaign.Sends)
        {
            writer.Varint((ulong)at.Day.DayNumber);
            writer.Byte((byte)at.Hour);
            writer.Varint((ulong)at.Members);
        }

        writer.Varint(campaign.Excluded.Aside is { } aside ? 1 + (ulong)aside : 0);
        writer.Varint((ulong)campaign.Expected.Outcomes.Length);
        foreach (var outcome in campaign.Expected.Outcomes)
        {
            writer.Byte((byte)outcome.Measure);
            writer.Varint((ulong)outcome.Sent);
            Write(writer, outcome.Rate);
            Write(writer, outcome.ByMember.Value);
            Write(writer, outcome.ByMember.Interval);
            writer.Varint((ulong)outcome.ByMember.People);
        }

        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no campaign, or one of a newer version.</exception>
    public static Campaign Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        var version = CheckVersion(ref reader, WithoutOffer, Version);
        var campaign = new Campaign
        {
            Number = reader.NonNegative(),
            Strategy = reader.Text(),
            LibraryVersion = reader.Bounded(int.MaxValue),
            ModelVersion = reader.NonNegative(),
            Segment = reader.Bounded(int.MaxValue),
            Persona = reader.Text(),
            MadeAt = Instant(ref reader),
            AsOf = Instant(ref reader),
            From = Instant(ref reader),
            Measure = Measure(ref reader),
            Most = reader.Bounded(int.MaxValue),
            Days = reader.Bounded(int.MaxValue),
            Holdout = Number(ref reader),
            Excluded = new CampaignExclusions(reader.NonNegative(), reader.NonNegative(), reader.NonNegative()),
            Time = new SendingTime(reader.Bounded(6), reader.Bounded(24), reader.Bounded(24), (SendingBasis)reader.Bounded((int)SendingBasis.Interest), Rate(ref reader),
                new Effect(Number(ref reader), reader.Bounded(int.MaxValue), Range(ref reader), Number(ref reader))),
            Items = Items(ref reader),
            ItemsSample = reader.Bounded(int.MaxValue),
            Influencers = Influencers(ref reader),
            Reach = Number(ref reader),
            ReachInterval = Range(ref reader),
            Expected = new CampaignExpectation(Rate(ref reader), Number(ref reader), Range(ref reader), Number(ref reader), Number(ref reader)),
            Counts = Counts(ref reader),
        };
        if (version > WithoutOffer) campaign = campaign with { Offer = reader.Text(), OfferedItems = reader.Text() };
        if (version > WithoutRules)
        {
            campaign = campaign with
            {
                Channels = reader.Text(),
                Times = reader.Text(),
                HasOwnItems = reader.Bounded(1) == 1,
                Expected = campaign.Expected with { ByMember = new MemberRate(Number(ref reader), Range(ref reader), reader.NonNegative()) },
                Counts = campaign.Counts with { TimedByLocale = reader.NonNegative(), TimedByMember = reader.NonNegative(), WithoutItems = reader.NonNegative() },
            };
        }

        campaign = campaign with { Sends = version > WithoutSends ? Sends(ref reader) : [], Excluded = campaign.Excluded with { Aside = version > WithoutSends ? Known(ref reader) : null } };
        if (version > WithoutOutcomes) campaign = campaign with { Expected = campaign.Expected with { Outcomes = Outcomes(ref reader) } };
        reader.End();
        return campaign;
    }

    public static byte[] EncodeMembers(IReadOnlyCollection<CampaignMember> members)
    {
        var writer = new ByteWriter(32 * (members.Count + 1));
        string[] items = [.. members.SelectMany(member => member.Items ?? []).Distinct().Order(StringComparer.Ordinal)];
        var places = items.Select((item, place) => (item, place)).ToDictionary(one => one.item, one => one.place);
        writer.Byte(MembersVersion);
        writer.Varint((ulong)items.Length);
        foreach (var item in items) writer.Text(item);
        writer.Varint((ulong)members.Count);
        foreach (var member in members)
        {
            writer.Text(member.User);
            writer.Byte((byte)Array.IndexOf(Channels, member.Channel));
            writer.Byte(member.Treated ? (byte)1 : (byte)0);
            writer.Byte((byte)member.Zone);
            Write(writer, member.SendAt);
            writer.Varint((ulong)member.HitsBefore);
            writer.Byte((byte)member.Timed);
            writer.Varint(member.Items is null ? 0 : (ulong)(1 + member.Items.Length));
            foreach (var item in member.Items ?? []) writer.Varint((ulong)places[item]);
        }

        return writer.ToArray();
    }

    /// <exception cref="CodecException">The bytes are no members, or of a newer version.</exception>
    public static CampaignMember[] DecodeMembers(ReadOnlySpan<byte> bytes)
    {
        const int least = 7;
        var reader = new ByteReader(bytes, Whose);
        var version = CheckVersion(ref reader, MembersAlike, MembersVersion);
        var items = new string[version > MembersAlike ? reader.Count() : 0];
        for (var i = 0; i < items.Length; i++) items[i] = reader.Text();
        var members = new CampaignMember[reader.Count(least)];
        for (var i = 0; i < members.Length; i++)
        {
            var (user, channel, treated) = (reader.Text(), Channels[reader.Bounded(Channels.Length - 1)], reader.Bounded(1) == 1);
            var zone = (ZoneSource)reader.Bounded((int)ZoneSource.Profile);
            members[i] = new CampaignMember(user, treated, channel, Instant(ref reader), zone, reader.NonNegative());
            if (version > MembersAlike) members[i] = members[i] with { Timed = (TimedBy)reader.Bounded((int)TimedBy.Member), Items = OwnItems(ref reader, items) };
        }

        reader.End();
        return members;
    }

    private static string[]? OwnItems(ref ByteReader reader, string[] items)
    {
        var count = reader.Bounded(1 + reader.Remaining);
        if (count == 0) return null;
        var own = new string[count - 1];
        for (var i = 0; i < own.Length; i++) own[i] = items.Length > 0 ? items[reader.Bounded(items.Length - 1)] : throw reader.Fail("a member has items of none");
        return own;
    }

    private static byte CheckVersion(ref ByteReader reader, byte earliest, byte latest) =>
        reader.Byte() is var version && version >= earliest && version <= latest ? version : throw reader.Fail($"it has version {version}, this program knows versions up to {latest}");

    private static CampaignCounts Counts(ref ByteReader reader)
    {
        var counts = new CampaignCounts(
            reader.NonNegative(), reader.NonNegative(), reader.NonNegative(), reader.NonNegative(), reader.NonNegative(), reader.NonNegative(),
            reader.NonNegative(), reader.NonNegative(), reader.NonNegative(), null, null);
        return reader.Bounded(1) == 0 ? counts : counts with { FirstSend = Instant(ref reader), LastSend = Instant(ref reader) };
    }

    private static CampaignMeasure Measure(ref ByteReader reader) =>
        (CampaignMeasure)reader.Byte() is var measure && Enum.IsDefined(measure) ? measure : throw reader.Fail("it is judged by an answer that this program does not know");

    private static ImmutableArray<CampaignItem> Items(ref ByteReader reader)
    {
        var items = ImmutableArray.CreateBuilder<CampaignItem>();
        for (var left = reader.Count(3); left > 0; left--) items.Add(new CampaignItem(reader.Text(), reader.Text(), reader.Bounded(int.MaxValue)));
        return items.ToImmutable();
    }

    private static ImmutableArray<CampaignSends> Sends(ref ByteReader reader)
    {
        const int least = 3;
        var sends = ImmutableArray.CreateBuilder<CampaignSends>();
        for (var left = reader.Count(least); left > 0; left--)
            sends.Add(new CampaignSends(DateOnly.FromDayNumber(reader.Bounded(DateOnly.MaxValue.DayNumber)), reader.Bounded(23), reader.NonNegative()));
        return sends.ToImmutable();
    }

    private static ImmutableArray<ExpectedOutcome> Outcomes(ref ByteReader reader)
    {
        const int least = 53;
        var outcomes = ImmutableArray.CreateBuilder<ExpectedOutcome>();
        for (var left = reader.Count(least); left > 0; left--)
            outcomes.Add(new ExpectedOutcome(Measure(ref reader), reader.NonNegative(), Rate(ref reader), new MemberRate(Number(ref reader), Range(ref reader), reader.NonNegative())));
        return outcomes.ToImmutable();
    }

    private static long? Known(ref ByteReader reader) => reader.NonNegative() is > 0 and var more ? more - 1 : null;

    private static ImmutableArray<CampaignInfluencer> Influencers(ref ByteReader reader)
    {
        var people = ImmutableArray.CreateBuilder<CampaignInfluencer>();
        for (var left = reader.Count(18); left > 0; left--) people.Add(new CampaignInfluencer(reader.Text(), reader.Bounded(int.MaxValue), Number(ref reader), Number(ref reader)));
        return people.ToImmutable();
    }

    private static void Write(ByteWriter writer, DateTimeOffset at)
    {
        writer.Zigzag(at.UtcTicks - Instants.Epoch);
        writer.Zigzag(at.TotalOffsetMinutes);
    }

    private static DateTimeOffset Instant(ref ByteReader reader) => Instants.At(ref reader, Instants.Add(ref reader, Instants.Epoch, reader.Zigzag(), 0), reader.Zigzag());

    private static void Write(ByteWriter writer, double number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        System.Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(bytes, number);
        writer.Bytes(bytes);
    }

    private static double Number(ref ByteReader reader) => System.Buffers.Binary.BinaryPrimitives.ReadDoubleLittleEndian(reader.Bytes(sizeof(double)));

    private static void Write(ByteWriter writer, Interval interval)
    {
        Write(writer, interval.Low);
        Write(writer, interval.High);
    }

    private static Interval Range(ref ByteReader reader) => new(Number(ref reader), Number(ref reader));

    private static void Write(ByteWriter writer, Rate rate)
    {
        Write(writer, rate.Value);
        writer.Varint((ulong)rate.Hits);
        writer.Varint((ulong)rate.N);
        Write(writer, rate.Interval);
    }

    private static Rate Rate(ref ByteReader reader) => new(Number(ref reader), reader.NonNegative(), reader.NonNegative(), Range(ref reader));
}
