using Auie.Core.Campaigns;
using Auie.Core.Codecs;
using Auie.Core.Insights;
using Auie.Core.Statistics;
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
    private const string GoldenMembers = "010203616e6e02010280909cbfe39b951ec8060306626f6220c3a90000008090eae588ce951e0000";

    private static readonly CampaignMember[] Members =
    [
        new("ann", true, "mobile", CampaignPlanTests.Now.AddDays(1).ToOffset(TimeSpan.FromHours(7)), ZoneSource.Profile, 3),
        new("bob é", false, "", CampaignPlanTests.Now.AddDays(2), ZoneSource.None, 0),
    ];

    private static Campaign Whole => CampaignPlanTests.Draft() with
    {
        Items = [new CampaignItem("e1", "Hiking", 12), new CampaignItem("e2", "", 3)],
        ItemsSample = 25,
        Offer = "More.",
        OfferedItems = "five things",
        Influencers = [new CampaignInfluencer("ann", 12, 3.5, 2.25)],
        Reach = 3.5,
        ReachInterval = new Interval(3, 4),
        Excluded = new CampaignExclusions(10, 2, 1),
        Expected = new CampaignExpectation(Rate.Of(3, 10), 0.3, new Interval(0, 1), 0.25, double.NaN),
        Counts = CampaignCounts.Of(Members),
    };

    [Fact]
    public void The_bytes_never_change()
    {
        Convert.ToHexStringLower(CampaignCodec.Encode(Whole)).ShouldBe(string.Concat("02", Golden.AsSpan(2), "054d6f72652e0b66697665207468696e6773"));
        Convert.ToHexStringLower(CampaignCodec.EncodeMembers(Members)).ShouldBe(GoldenMembers);
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var read = CampaignCodec.Decode(CampaignCodec.Encode(Whole));
        (read with { Items = [], Influencers = [] }).ShouldBe(Whole with { Items = [], Influencers = [] });
        read.Items.ShouldBe(Whole.Items);
        read.Influencers.ShouldBe(Whole.Influencers);
        read.From.Offset.ShouldBe(Whole.From.Offset);
        CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers(Members)).ShouldBe(Members);
        CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers(Members))[0].SendAt.Offset.ShouldBe(TimeSpan.FromHours(7));
        CampaignCodec.DecodeMembers(CampaignCodec.EncodeMembers([])).ShouldBeEmpty();
    }

    [Fact]
    public void A_plan_of_before_offers_decided_is_read_without_one()
    {
        var read = CampaignCodec.Decode(Convert.FromHexString(Golden));
        (read.Offer, read.OfferedItems, read.Strategy).ShouldBe(("", "", "Early access"));
        read.Items.ShouldBe(Whole.Items);
    }

    [Fact]
    public void Garbage_and_newer_versions_are_refused_clearly()
    {
        Should.Throw<CodecException>(() => CampaignCodec.Decode([3])).Message.ShouldContain("version 3, this program knows versions up to 2");
        var (plan, members) = (CampaignCodec.Encode(Whole), CampaignCodec.EncodeMembers(Members));
        SomeEntries.ForAll(Damage.Any, damage =>
        {
            Damage.Reads(damage(plan), bytes => CampaignCodec.Decode(bytes));
            Damage.Reads(damage(members), bytes => CampaignCodec.DecodeMembers(bytes));
        });
    }
}
