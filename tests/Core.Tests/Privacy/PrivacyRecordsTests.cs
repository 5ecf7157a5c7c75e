using System.Text;
using Auie.Core.Privacy;

namespace Auie.Core.Tests.Privacy;

public sealed class PrivacyRecordsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.FromHours(2));

    [Fact]
    public void What_is_stored_of_erasures_reads_back_as_it_was()
    {
        var receipt = new ErasureReceipt
        {
            Number = 7, Phase = ErasurePhase.Items, Next = 3, Hashes = ["aa", "bb"], RequestedAt = Noon, ClosedAt = Noon.AddSeconds(1), Users = 1, Items = 2, Answers = 3, Records = 4,
            Examples = 5, Unreadable = 6, JobsUpTo = 8, Models = [1, 2], RebuildBy = Noon.AddDays(30), RebuildJob = "j9", WereUnknown = true,
        };
        ErasureReceipt.Decode(receipt.Encode()).ShouldBeEquivalentTo(receipt);
        ErasureReceipt.Decode((receipt with { RebuildBy = null, RebuildJob = null, ClosedAt = null, JobsUpTo = null }).Encode()).RebuildJob.ShouldBeNull();
        ErasureWork.Decode(new ErasureWork(["ann", "\u00e9"]).Encode()).Ids.ShouldBe(["ann", "\u00e9"]);
        ModelMark.Decode(new ModelMark([1, 2], Noon, null).Encode()).ShouldBeEquivalentTo(new ModelMark([1, 2], Noon, null));
        AuditRecord.Decode(new AuditRecord(1, Noon, "ops", "erase", null, "x1").Encode()).ShouldBe(new AuditRecord(1, Noon, "ops", "erase", null, "x1"));
    }

    [Fact]
    public void A_receipt_that_was_written_by_the_first_version_is_read()
    {
        const string stored = """
            {"v":1,"number":1,"phase":"Scrubbing","next":0,"hashes":["aa"],"requestedAt":"2026-05-01T12:00:00+02:00","closedAt":null,"endedAt":null,"users":0,"items":0,"answers":0,
            "records":0,"examples":0,"unreadable":0,"jobsUpTo":4,"models":[],"rebuildBy":null,"rebuildJob":null,"remains":null}
            """;
        ErasureReceipt.Decode(Encoding.UTF8.GetBytes(stored)).ShouldSatisfyAllConditions(
            receipt => receipt.Phase.ShouldBe(ErasurePhase.Scrubbing), receipt => receipt.RequestedAt.ShouldBe(Noon), receipt => receipt.JobsUpTo.ShouldBe(4),
            receipt => receipt.WereUnknown.ShouldBeFalse());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"v\":2,\"ids\":[]}")]
    [InlineData("{\"v\":1}")]
    [InlineData("{\"v\":1,\"ids\":null}")]
    public void What_is_none_of_them_is_told_as_such(string stored) => Should.Throw<FormatException>(() => ErasureWork.Decode(Encoding.UTF8.GetBytes(stored)));

    [Fact]
    public void A_line_of_the_log_reads_back_and_nothing_else_is_one()
    {
        byte[] key = [.. Enumerable.Range(0, Tombstone.KeyBytes).Select(i => (byte)i)];
        var ofKey = ErasureLogLine.OfKey(key);
        var ofTombstone = ErasureLogLine.OfTombstone(ofKey.KeyId, Tombstone.Of(key, "ann"), Noon);
        ofKey.ToString().ShouldBe("key 630dcd2966c43366 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        ofTombstone.ToString().ShouldEndWith(" 2026-05-01T10:00:00.000Z");
        ErasureLogLine.TryParse(ofKey.ToString(), out var read).ShouldBeTrue();
        read.Key.ShouldBe(key);
        ErasureLogLine.TryParse(ofTombstone.ToString(), out read).ShouldBeTrue();
        (read.KeyId, read.Hash, read.At).ShouldBe((ofTombstone.KeyId, ofTombstone.Hash, Noon));

        foreach (var line in new[] { ofKey.ToString(), ofTombstone.ToString() })
        {
            for (var length = 0; length < line.Length; length++)
                ErasureLogLine.TryParse(line[..length], out _).ShouldBeFalse($"cut off after {length}");
        }

        ErasureLogLine.TryParse(ofKey.ToString().Replace("00010203", "ff010203", StringComparison.Ordinal), out _).ShouldBeFalse("the key is not the one that is named");
    }
}
