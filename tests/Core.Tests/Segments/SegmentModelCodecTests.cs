using Auie.Core.Features;
using Auie.Core.Segments;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Segments;

public sealed class SegmentModelCodecTests
{
    /// <summary>What format 1 was: no row of it was an answer.</summary>
    private const string First =
        "AQcAAAAAAAAAAMDU8G2dzwgBAAAAAAAAAAAAAAAAAGBAAwAAAAADdHdvDVR3byBmZWF0dXJlcy4CAAAAA2FnZQEJYmlydGh5ZWFyAgAFeWVhcnMFb2xkZXIH" +
        "eW91bmdlcgppbnRlcmVzdGVkARVpbnRlcmVzdGVkIC8gYW5zd2VyZWQAAQAAAAAAAOA/AA9oaWdoIGludGVyZXN0ZWQObG93IGludGVyZXN0ZWQB6AMAAAAA" +
        "AAAAAgAAAAMAAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAPUAAAAAAAAAAAAIAAAAAAAAAAAA+QAAAAAAAANA/AgAAAAAAAAAAACRAAAAAAAAA4D8CAAAAAAAC" +
        "AAAAAwAAAAIAAAAEAAAAAAAAAAAA8L8AAAAAAADgPwAAAAAAAABAAAAAAAAA4L8BAAAAAgAAAAAAAAAAAOA/AOgDAAAAAAAAAAAAAAAAYEACAAAAAnMxC0Vu" +
        "dGh1c2lhc3RzDVRoZXkgbGlrZSBpdC4BAAAAAAAA6D8AAAAAWAIAAAAAAAACAAAAAAAAAAAANEAAAAAAAADgPwIAAAAAAAAAAADwvwAAAAAAAOA/AnMzBU9s" +
        "ZGVyH05hbWVkIGFmdGVyIHdoYXQgc2V0cyBpdCBhcGFydC4AAQAAAAAAAAABkAEAAAAAAAACAAAAAAAAAAAASUAAAAAAAAAAAAIAAAAAAAAAAAAAQAAAAAAA" +
        "AOC/";

    /// <summary>What format 2 was: of a silhouette it was written down whether it was a sample's, and no error.</summary>
    private const string Second =
        "AgcAAAAAAAAAAMDU8G2dzwgBAAAAAAAAAAAAAAAAAGBAAwAAAAADdHdvDVR3byBmZWF0dXJlcy4AAgAAAANhZ2UBCWJpcnRoeWVhcgIABXllYXJzBW9sZGVyB3lvdW5n" +
        "ZXIKaW50ZXJlc3RlZAEVaW50ZXJlc3RlZCAvIGFuc3dlcmVkAAEAAAAAAADgPwAPaGlnaCBpbnRlcmVzdGVkDmxvdyBpbnRlcmVzdGVkAegDAAAAAAAAAAIAAAADAAAA" +
        "AAAAAAAAAAAAAAAAAgAAAAAAAAAAAD1AAAAAAAAAAAACAAAAAAAAAAAAPkAAAAAAAADQPwIAAAAAAAAAAAAkQAAAAAAAAOA/AgAAAAAAAgAAAAMAAAACAAAABAAAAAAA" +
        "AAAAAPC/AAAAAAAA4D8AAAAAAAAAQAAAAAAAAOC/AQAAAAIAAAAAAAAAAADgPwDoAwAAAAAAAAAAAAAAAGBAAgAAAAJzMQtFbnRodXNpYXN0cw1UaGV5IGxpa2UgaXQu" +
        "AQAAAAAAAOg/AAAAAFgCAAAAAAAAAgAAAAAAAAAAADRAAAAAAAAA4D8CAAAAAAAAAAAA8L8AAAAAAADgPwJzMwVPbGRlch9OYW1lZCBhZnRlciB3aGF0IHNldHMgaXQg" +
        "YXBhcnQuAAEAAAAAAAAAAZABAAAAAAAAAgAAAAAAAAAAAElAAAAAAAAAAAACAAAAAAAAAAAAAEAAAAAAAADgvw==";

    /// <summary>What format 3 is. A change here makes stored models unreadable: add a format instead.</summary>
    private const string Golden =
        "AwcAAAAAAAAAAMDU8G2dzwgBAAAAAAAAAAAAAAAAAGBAAwAAAAADdHdvDVR3byBmZWF0dXJlcy4AAgAAAANhZ2UBCWJpcnRoeWVhcgIABXllYXJzBW9sZGVyB3lvdW5nZXIK"
        + "aW50ZXJlc3RlZAEVaW50ZXJlc3RlZCAvIGFuc3dlcmVkAAEAAAAAAADgPwAPaGlnaCBpbnRlcmVzdGVkDmxvdyBpbnRlcmVzdGVkAegDAAAAAAAAAAIAAAADAAAAAAAAAAAA"
        + "AAAAAAAAAgAAAAAAAAAAAD1AAAAAAAAAAAACAAAAAAAAAAAAPkAAAAAAAADQPwIAAAAAAAAAAAAkQAAAAAAAAOA/AgAAAAAAAgAAAAMAAAACAAAABAAAAAAAAAAAAPC/AAAA"
        + "AAAA4D8AAAAAAAAAQAAAAAAAAOC/AQAAAAIAAAAAAAAAAADgPwDoAwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADwPwAAAAAAAGBAAgAAAAJzMQtFbnRodXNpYXN0cw1U"
        + "aGV5IGxpa2UgaXQuAQAAAAAAAOg/AAAAAFgCAAAAAAAAAgAAAAAAAAAAADRAAAAAAAAA4D8CAAAAAAAAAAAA8L8AAAAAAADgPwJzMwVPbGRlch9OYW1lZCBhZnRlciB3aGF0"
        + "IHNldHMgaXQgYXBhcnQuAAEAAAAAAAAAAZABAAAAAAAAAgAAAAAAAAAAAElAAAAAAAAAAAACAAAAAAAAAAAAAEAAAAAAAADgvw==";

    [Fact]
    public void Format_3_is_these_bytes() => Convert.ToBase64String(SegmentModelCodec.Encode(Models.Small())).ShouldBe(Golden);

    [Theory]
    [InlineData(First)]
    [InlineData(Second)]
    [InlineData(Golden)]
    public void A_stored_model_is_read_as_it_was(string stored)
    {
        var expected = Models.Small();

        var model = SegmentModelCodec.Decode(Convert.FromBase64String(stored));

        model.Version.ShouldBe(7);
        model.AsOf.ShouldBe(Models.AsOf);
        model.Features.ShouldBe(expected.Features);
        model.Scale.SameAs(expected.Scale).ShouldBeTrue();
        model.Centroids.ShouldBe(expected.Centroids);
        model.Scores.ShouldBe(expected.Scores);
        model.NamesWithheld.ShouldBeNull();
        model.IdsGiven.ShouldBe(3);
        model.Segments[0].Resemblance.ShouldBe(0.75);
        model.Segments[1].Persona.ShouldBe("Older");
        model.Segments[1].NamedAfter.ShouldBe([new Trait(0, High: true)]);
        model.Segments[1].Profile.Means.ShouldBe([50, 0]);
    }

    [Fact]
    public void A_feature_set_comes_back_with_what_its_rows_are()
    {
        foreach (var set in (FeatureSet[])[.. FeatureSets.BuiltIn.All, FeatureSet.OfTable("t", ["a"])])
            SegmentModelCodec.DecodeFeatures(SegmentModelCodec.EncodeFeatures(set)).ShouldBe(set);
        SegmentModelCodec.DecodeFeatures(Convert.FromHexString("010174000100000001610001610000000000")).RowsAre.ShouldBe(RowKind.TableRow);
    }

    [Fact]
    public void Any_model_comes_back_as_the_same_bytes() => Prop.ForAll<int, byte, byte>((seed, k, columns) =>
    {
        var bytes = SegmentModelCodec.Encode(Models.Random(seed, k % 12 + 1, columns % 9 + 1));
        return SegmentModelCodec.Encode(SegmentModelCodec.Decode(bytes)).AsSpan().SequenceEqual(bytes);
    }).Check(Config.QuickThrowOnFailure.WithReplay(1, 3));

    [Fact]
    public void A_model_that_was_cut_anywhere_is_refused()
    {
        var bytes = SegmentModelCodec.Encode(Models.Small());

        for (var length = 0; length < bytes.Length; length++)
            Should.Throw<InvalidDataException>(() => SegmentModelCodec.Decode(bytes.AsMemory(0, length)));
        Should.Throw<InvalidDataException>(() => SegmentModelCodec.Decode((byte[])[.. bytes, 0])).Message.ShouldContain("followed by 1 bytes");
    }

    [Fact]
    public void A_damaged_byte_is_refused_or_read_but_never_crashes()
    {
        var bytes = SegmentModelCodec.Encode(Models.Small());
        var refused = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[i] ^= 0x80;
            try
            {
                SegmentModelCodec.Decode(damaged);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        refused.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_later_format_is_refused_by_its_number() =>
        Should.Throw<InvalidDataException>(() => SegmentModelCodec.Decode((byte[])[9, 1, 2])).Message.ShouldContain("format 9");
}
