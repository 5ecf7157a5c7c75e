using Auie.Runtime.Cluster;
using Auie.Runtime.Serialization;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>The bytes of frames. They are what programs of other versions send and expect: a change here is a new version of the protocol.</summary>
public sealed class FrameTests
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(0, Hello.NonceSize).Select(static i => (byte)i)];

    // Small numbers are frequent, so that many lengths make sense.
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(Gen.Choose(0, 255), Gen.Choose(0, 12), Gen.Constant(0)).Select(static b => (byte)b).ArrayOf();

    [Fact]
    public void A_hello_is_these_bytes() =>
        Hex(Frame.Of(FrameKind.Hello, new Hello(1, 2, PeerRole.Client, "web-1", "blue", Nonce).ToBytes())).ShouldBe(
            "3A000000 01 41554945 0001 0802 1001 1A 05 7765622D31 22 04 626C7565 2A 20 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F".Replace(" ", ""));

    [Fact]
    public void A_hello_is_read_as_it_was_written()
    {
        var hello = new Hello(1, 2, PeerRole.Silo, "a", "", Nonce);
        var read = Hello.Read(hello.ToBytes());
        (read with { Nonce = Nonce }).ShouldBe(hello);
        read.Nonce.ShouldBe(Nonce);
    }

    [Fact]
    public void A_proof_is_these_bytes()
    {
        byte[] dialler = [1, 2], listener = [3], certificate = [4, 5, 6];
        Hex(Proof.OfDialler("secret", dialler, listener, certificate)).ShouldBe("E96F7A1398DFBDEABEBD4892FC1F619A3D72FA54AC6D80B5E509C59BA6B4AA66");
        Hex(Proof.OfListener("secret", dialler, listener, certificate)).ShouldBe("0CA78A03716875F55628CFB76D13F75277344B72029D52B54514141F5EF427F6");
        Hex(Frame.Of(FrameKind.Proof, [7, 8])).ShouldBe("03000000020708");
    }

    [Fact]
    public void A_call_is_these_bytes()
    {
        var body = new byte[Frame.CallHeaderSize + 1];
        Frame.WriteCallHeader(body, 0x0102030405060708, 30_000, Frame.Cancellable);
        body[^1] = 0xEE;
        var bytes = Frame.Of(FrameKind.Call, body);
        Hex(bytes).ShouldBe("0F00000003" + "0807060504030201" + "30750000" + "01" + "EE");
        Frame.TryRead(bytes, 100, out var frame, out _).ShouldBeTrue();
        (frame.Number, frame.TimeLeft, frame.IsCancellable).ShouldBe((0x0102030405060708ul, TimeSpan.FromSeconds(30), true));
        frame.Message.ToArray().ShouldBe([0xEE]);
    }

    [Theory]
    [InlineData(4, "0B00000004" + "0807060504030201" + "0102")]
    [InlineData(5, "0B00000005" + "0807060504030201" + "0102")]
    [InlineData(6, "0B00000006" + "0807060504030201" + "0102")]
    [InlineData(7, "0B00000007" + "0807060504030201" + "0102")]
    [InlineData(8, "0B00000008" + "0807060504030201" + "0102")]
    public void Other_frames_are_these_bytes(byte kind, string bytes) =>
        Hex(Frame.Of((FrameKind)kind, [8, 7, 6, 5, 4, 3, 2, 1, 1, 2])).ShouldBe(bytes);

    [Fact]
    public void The_kinds_have_these_numbers() =>
        Enum.GetValues<FrameKind>().Select(static k => $"{(byte)k} {k}").ShouldBe(["1 Hello", "2 Proof", "3 Call", "4 Answer", "5 NotHere", "6 Cancel", "7 View", "8 Goodbye"]);

    [Fact]
    public void A_frame_that_is_too_large_is_refused_before_it_is_there()
    {
        Should.Throw<WireFormatException>(() => Frame.TryRead([0x66, 0, 0, 0, 1], 100, out _, out _)).Message.ShouldContain("102");
        Should.Throw<WireFormatException>(() => Frame.TryRead([0, 0, 0, 0, 1], 100, out _, out _));
        Frame.TryRead([0x65, 0, 0, 0, 1], 100, out _, out var size).ShouldBeFalse();
        size.ShouldBe(105);
    }

    [Fact]
    public void Whatever_the_bytes_are_reading_them_ends_or_says_that_they_are_none() => Prop.ForAll(Bytes.ToArbitrary(), static bytes =>
    {
        OrRefused(() =>
        {
            var rest = bytes.AsSpan();
            while (Frame.TryRead(rest, 1000, out var frame, out var size))
            {
                size.ShouldBeGreaterThan(0);
                var (number, left, cancellable, message) = (frame.Number, frame.TimeLeft, frame.IsCancellable, frame.Message.Length);
                rest = rest[size..];
            }
        });
        OrRefused(() => Hello.Read(bytes));
        OrRefused(() => Hello.Read([.. "AUIE"u8, .. bytes]));
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithReplay(20121002, 7));

    [Fact]
    public void Frames_are_the_same_however_they_are_cut() => Prop.ForAll(Bytes.ArrayOf().ToArbitrary(), Gen.Choose(1, 50).ToArbitrary(), static (bodies, step) =>
    {
        var bytes = bodies.SelectMany(static (b, i) => Frame.Of((FrameKind)(i % 256), b)).ToArray();
        var (read, taken) = (new List<byte[]>(), 0);
        for (var there = 0; ; there = Math.Min(there + step, bytes.Length))
        {
            while (Frame.TryRead(bytes.AsSpan(taken, there - taken), 1000, out var frame, out var size))
            {
                frame.Kind.ShouldBe((FrameKind)(read.Count % 256));
                read.Add(frame.Body.ToArray());
                taken += size;
            }

            if (there == bytes.Length)
                break;
        }

        read.ShouldBe(bodies);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20121002, 7));

    private static void OrRefused(Action read)
    {
        try
        {
            read();
        }
        catch (WireFormatException)
        {
            // Bytes that mean nothing may be refused, and by nothing else.
        }
    }

    private static string Hex(byte[] bytes) => Convert.ToHexString(bytes);
}
