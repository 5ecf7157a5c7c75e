using Auie.Core.Campaigns;
using Auie.Core.Codecs;
using Auie.Core.Insights;
using Auie.Core.Statistics;
using Auie.Core.Strategies;
using Auie.Core.Tests.Users;

namespace Auie.Core.Tests.Campaigns;

public sealed class CampaignCodecTests
{
    private const string Golden =
        "01010c4561726c79206163636573730103010b456e7468757369617374738090ce98bee9941e0080f0aafcb1e7941e008090ce98bee9941e000101079a99999999"
        + "99b93f0a0201041215019a9999999999d93f2864d855a40d3bcdd33f3466ce8a30dfdf3f000000000000f8ff00000000000000f8ff000000000000f8ff00000000"
        + "0000f8ff020265310648696b696e670c0265320003190103616e6e0c0000000000000c4000000000000002400000000000000c4000000000000008400000000000"
        + "001040333333333333d33f030aaaf04d603598bb3f9c611cea974de33f333333333333d33f0000000000000000000000000000f03f000000000000d03f00000000"
        + "0000f8ff0101000100000100000180909cbfe39b951ec80680909cbfe39b951ec806";
    private const string Offer = "054d6f72652e0b66697665207468696e6773";
    private const string Rules = "05656d61696c06627920646179" + "01" + "000000000000e03f" + "000000000000d03f" + "000000000000e83f" + "04000000";
    private const string Sends = "01ea942d1101" + "05";
    private const string Outcomes = "01" + "0407" + "000000000000d03f" + "0104" + "207295a43657a73fb794c95b2461e63f" + "000000000000e03f" + "000000000000d03f" + "000000000000e83f" + "04";
    private const string GoldenMembers =
        "02020265310265320303616e6e02010280909cbfe39b951ec806030203010006626f6220c3a90000008090eae588ce951e00000100036369640101018090ce98bee9941e00010001";
    private const string GoldenMembers1 = "010203616e6e02010280909cbfe39b951ec8060306626f6220c3a90000008090eae588ce951e0000";

    private static readonly CampaignMember[] Members =
    [
        new("ann", true, "mobile", CampaignPlanTests.Now.AddDays(1).ToOffset(TimeSpan.FromHours(7)), ZoneSource.Profile, 3),
        new("bob é", false, "", CampaignPlanTests.Now.AddDays(2), ZoneSource.None, 0),
    ];

    private static readonly CampaignMember[] MembersWithItems = [Members[0] with { Timed = TimedBy.Member, Items = ["e2", "e1"] }, Members[1] with { Timed = TimedBy.Locale }, new("cid", true, "web", CampaignPlanTests.Now, ZoneSource.Locale, 1) { Items = [] }];

    private static readonly ExpectedOutcome Bought = new(CampaignMeasure.Purchased, 7, Rate.Of(1, 4), new MemberRate(0.5, new Interval(0.25, 0.75), 4));

    private static Campaign Whole => CampaignPlanTests.Draft() with
    {
        Items = [new CampaignItem("e1", "Hiking", 12), new CampaignItem("e2", "", 3)],
        ItemsSample = 25,
        Offer = "More.",
        OfferedItems = "five things",
        Influencers = [new CampaignInfluencer("ann", 12, 3.5, 2.25)],
        Reach = 3.5,
        ReachInterval = new Interval(3, 4),
        Excluded = new CampaignExclusions(10, 2, 1) { Aside = 4 },
        Expected = new CampaignExpectation(Rate.Of(3, 10), 0.3, new Interval(0, 1), 0.25, double.NaN) { ByMember = new MemberRate(0.5, new Interval(0.25, 0.75), 4), Outcomes = [Bought] },
        Counts = CampaignCounts.Of(Members),
        Channels = "email",
        Times = "by day",
        HasOwnItems = true,
        Sends = [.. CampaignSends.Of(Members)],
    };

    [Fact]
    public void The_bytes_never_change()
    {
        Convert.ToHexStringLower(CampaignCodec.Encode(Whole)).ShouldBe(string.Concat("05", Golden.AsSpan(2), Offer, Rules) + Sends + Outcomes);
        Convert.ToHexStringLower(CampaignCodec.EncodeMembers(MembersWithItems)).ShouldBe(GoldenMembers);
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var read = CampaignCodec.Decode(CampaignCodec.Encode(Whole));
        Plain(read).ShouldBe(Plain(Whole));
        read.Expected.Outcomes.ShouldBe([Bought]);
        read.Sends.ShouldBe([new CampaignSends(new DateOnly(2026, 11, 27), 17, 1)]);
        read.Items.ShouldBe(Whole.Items);
        read.Influencers.ShouldBe(Whole.Influencers);
        read.From.Offset.ShouldBe(Whole.From.Offset);
        var own = CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers(MembersWithItems));
        own.Select(member => member with { Items = null }).ShouldBe(MembersWithItems.Select(member => member with { Items = null }));
        own.Select(member => member.Items is null ? "all" : string.Join(' ', member.Items)).ShouldBe(["e2 e1", "all", ""]);
        CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers(Members)).ShouldBe(Members);
        CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers(Members))[0].SendAt.Offset.ShouldBe(TimeSpan.FromHours(7));
        CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers([])).ShouldBeEmpty();

        static Campaign Plain(Campaign campaign) => campaign with { Items = [], Influencers = [], Sends = [], Expected = campaign.Expected with { Outcomes = [] } };
    }

    [Fact]
    public void Plans_of_before_outcomes_were_told_apart_are_read_without_them()
    {
        var read = CampaignCodec.Decode(Convert.FromHexString(string.Concat("04", Golden.AsSpan(2), Offer, Rules) + Sends));
        (read.Expected.Outcomes.IsEmpty, read.Excluded.Aside, read.Expected.ByMember.People).ShouldBe((true, 4, 4));
    }

    [Fact]
    public void A_plan_of_before_offers_decided_is_read_without_one()
    {
        var read = CampaignCodec.Decode(Convert.FromHexString(Golden));
        (read.Offer, read.OfferedItems, read.Strategy).ShouldBe(("", "", "Early access"));
        read.Items.ShouldBe(Whole.Items);
    }

    [Fact]
    public void Plans_of_before_rules_decided_are_read_without_them()
    {
        var read = CampaignCodec.Decode(Convert.FromHexString(string.Concat("02", Golden.AsSpan(2), Offer)));
        (read.Offer, read.Channels, read.Times, read.HasOwnItems, read.Expected.ByMember.People).ShouldBe(("More.", "", "", false, 0));
        CampaignCodec.DecodeMembers(Convert.FromHexString(GoldenMembers1)).ShouldBe(Members);
    }

    [Fact]
    public void Plans_of_before_it_was_kept_when_they_send_are_read_without_it_and_with_both_reasons_in_one()
    {
        var read = CampaignCodec.Decode(Convert.FromHexString(string.Concat("03", Golden.AsSpan(2), Offer, Rules)));
        (read.Sends.IsEmpty, read.Excluded.Reached, read.Excluded.Aside, read.Counts.FirstSend).ShouldBe((true, 1, null, Whole.Counts.FirstSend));
        CampaignCodec.Decode(CampaignCodec.Encode(read)).Excluded.Aside.ShouldBeNull();
        CampaignCodec.Decode(CampaignCodec.Encode(Whole with { Excluded = Whole.Excluded with { Aside = 0 } })).Excluded.Aside.ShouldBe(0);
    }

    [Fact]
    public void Garbage_and_newer_versions_are_refused_clearly()
    {
        Should.Throw<CodecException>(() => CampaignCodec.Decode([6])).Message.ShouldContain("version 6, this program knows versions up to 5");
        var (plan, members) = (CampaignCodec.Encode(Whole), CampaignCodec.EncodeMembers(MembersWithItems));
        SomeEntries.ForAll(Damage.Any, damage =>
        {
            Damage.Reads(damage(plan), bytes => CampaignCodec.Decode(bytes));
            Damage.Reads(damage(members), bytes => CampaignCodec.DecodeMembers(bytes));
        });
    }
}
