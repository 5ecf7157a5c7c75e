using Auie.Generated.Auie_Runtime_Tests;
using Auie.Runtime.Hosting;
using Auie.Runtime.Serialization;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Runtime.Tests;

public sealed class SerializerTests
{
    private static readonly Codec<Everything> Codec = Auie_Runtime_Tests_Everything_Codec.Instance;

    public SerializerTests() => new AssemblyManifest().Describe(new Hosting.Manifest());

    [Fact]
    public void Whatever_a_message_holds_comes_back_the_same() =>
        Prop.ForAll(Arb.From(Messages(2)), static message => Same(Read(Codec, Write(Codec, message)), message)).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(1, 1));

    [Fact]
    public void A_copy_is_equal_and_shares_nothing_mutable() =>
        Prop.ForAll(Arb.From(Messages(2)), static message =>
        {
            var copy = Codec.Copy(message);
            return Same(copy, message) && !ReferenceEquals(copy.Names, message.Names) && !ReferenceEquals(copy.Values, message.Values)
                && (message.Longs.Length == 0 || !ReferenceEquals(copy.Longs, message.Longs));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithReplay(2, 1));

    [Fact]
    public void A_message_that_is_cut_short_or_garbled_fails_clearly() =>
        Prop.ForAll(
            Arb.From(from message in Messages(1) from cut in Gen.Choose(0, 1000) from noise in Gen.ArrayOf(Gen.Choose(0, 255)) select (message, cut, noise)),
            static input =>
            {
                var bytes = Write(Codec, input.message);
                ReadsOrFails(bytes.AsSpan(0, bytes.Length * input.cut / 1000).ToArray());
                for (var i = 0; i < input.noise.Length && bytes.Length > 0; i++)
                    bytes[(i * 31 + input.cut) % bytes.Length] = (byte)input.noise[i];
                ReadsOrFails(bytes);
                ReadsOrFails([.. input.noise.Select(static n => (byte)n)]);
                return true;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithReplay(3, 1));

    [Fact]
    public void A_count_that_cannot_be_true_allocates_nothing()
    {
        using var writer = new WireWriter();
        var block = writer.BeginBlock();
        writer.WriteTag(2 + 3, WireType.Length);
        var list = writer.BeginBlock();
        writer.WriteVarint(int.MaxValue);
        writer.EndBlock(list);
        writer.EndBlock(block);
        var bytes = writer.Written.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<WireFormatException>(() => Read(Codec, bytes));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Fact]
    public void An_older_process_takes_what_went_unanswered_for_late()
    {
        using var writer = new WireWriter();
        ScalarCodecs.Exception.Write(writer, new UnansweredException("gone", new IOException("why")));
        var bytes = writer.Written.ToArray();
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        text.ShouldContain(typeof(TimeoutException).FullName!);
        text.ShouldNotContain(nameof(UnansweredException));
        var read = Read(ScalarCodecs.Exception, bytes).ShouldBeOfType<UnansweredException>();
        read.Message.ShouldBe("gone");
        read.InnerException.ShouldBeOfType<IOException>().Message.ShouldBe("why");
    }

    [Fact]
    public void A_class_in_a_list_becomes_a_struct_by_being_nullable_and_older_processes_read_it()
    {
        var (before, now) = (Auie_Runtime_Tests_DotsOfBefore_Codec.Instance, Auie_Runtime_Tests_Dots_Codec.Instance);
        var (older, newer) = (new DotsOfBefore([new(1, "a"), new(2, "b")]), new Dots([new Dot(1, "a"), new Dot(2, "b")]));
        Hex(now, newer).ShouldBe(Hex(before, older));
        Read(now, Write(before, older)).Of.ShouldBe(newer.Of);
        Read(before, Write(now, newer)).Dots.ShouldBe(older.Dots);
    }

    [Fact]
    public void What_is_nested_too_deeply_is_refused_on_both_ends()
    {
        var codec = Auie_Runtime_Tests_Chain_Codec.Instance;
        Chain? chain = null;
        for (var i = 0; i < 200; i++)
            chain = new Chain { Next = chain };
        Should.Throw<WireFormatException>(() => Write(codec, chain!)).Message.ShouldContain("deep");
        chain!.Next = chain;
        Should.Throw<WireFormatException>(() => Write(codec, chain));
        byte[] bytes = [];
        for (var i = 0; i < 150; i++)
        {
            using var writer = new WireWriter();
            writer.WriteTag(2, WireType.Length);
            writer.WriteBytes(bytes);
            bytes = writer.Written.ToArray();
        }

        using var outer = new WireWriter();
        outer.WriteBytes(bytes);
        var deep = outer.Written.ToArray();
        Should.Throw<WireFormatException>(() => Read(codec, deep)).Message.ShouldContain("deep");
    }

    [Fact]
    public void An_older_reader_passes_over_what_it_does_not_know()
    {
        var bytes = Write(Auie_Runtime_Tests_Newer_Codec.Instance, new Newer { Kept = 5, Added = "new", Drawn = new Circle("c", 2), More = [1, 2, 3] });
        Read(Auie_Runtime_Tests_Older_Codec.Instance, bytes).Kept.ShouldBe(5);
    }

    [Fact]
    public void A_newer_reader_keeps_its_defaults_for_what_an_older_writer_left_out()
    {
        var read = Read(Auie_Runtime_Tests_Newer_Codec.Instance, Write(Auie_Runtime_Tests_Older_Codec.Instance, new Older { Kept = 5 }));
        (read.Kept, read.Added, read.More.Length).ShouldBe((5, "by default", 1));
    }

    [Fact]
    public void The_bytes_of_a_message_never_change()
    {
        Hex(Auie_Runtime_Tests_Point_Codec.Instance, new Point(1, -2)).ShouldBe("0410021803");
        Hex(Auie_Runtime_Tests_Newer_Codec.Instance, new Newer { Kept = -5, Added = "é", Drawn = new Square("s", 3), More = [0.5] })
            .ShouldBe(Golden.Newer);
        Hex(Codec, new Everything { Text = "t", At = new DateTimeOffset(2012, 11, 1, 10, 0, 0, TimeSpan.FromMinutes(-420)), Number = null, Price = 1.5m }).ShouldBe(Golden.Everything);
    }

    private static byte[] Write<T>(Codec<T> codec, T value)
    {
        using var writer = new WireWriter();
        codec.Write(writer, value);
        return writer.Written.ToArray();
    }

    private static string Hex<T>(Codec<T> codec, T value) => Convert.ToHexString(Write(codec, value));

    private static T Read<T>(Codec<T> codec, byte[] bytes)
    {
        var reader = new WireReader(bytes);
        return codec.Read(ref reader);
    }

    private static void ReadsOrFails(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Read(Codec, bytes);
        }
        catch (WireFormatException)
        {
            // The clear exception that is asked for; any other fails the test.
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000_000);
    }

    // Through the bytes again: records with collections do not compare by their contents.
    private static bool Same(Everything left, Everything right) =>
        Write(Codec, left).AsSpan().SequenceEqual(Write(Codec, right)) && left.Text == right.Text && left.At.EqualsExact(right.At) && left.Colour == right.Colour
        && left.Names.SequenceEqual(right.Names) && left.Pair == right.Pair && Equals(left.Shape, right.Shape) && left.Real.Equals(right.Real)
        && left.Bytes.Span.SequenceEqual(right.Bytes.Span) && left.Price == right.Price && left.Path.SequenceEqual(right.Path)
        && left.Failure?.GetType() == right.Failure?.GetType() && left.Failure?.Message == right.Failure?.Message;

    private static Gen<Everything> Messages(int depth)
    {
        var text = ArbMap.Default.GeneratorFor<string>().Select(static s => Valid(s));
        var shape = Gen.OneOf(
            text.Select(static n => (Shape?)new Circle(n, 1.5)), text.Select(static n => (Shape?)new Square(n, n.Length)), Gen.Constant<Shape?>(null));
        return
            from name in text
            from number in ArbMap.Default.GeneratorFor<int?>()
            from longs in ArbMap.Default.GeneratorFor<long[]>()
            from names in Gen.ListOf(Gen.OneOf(text.Select(static s => (string?)s), Gen.Constant<string?>(null)))
            from keys in Gen.ListOf(text)
            from real in ArbMap.Default.GeneratorFor<double>()
            from set in ArbMap.Default.GeneratorFor<int[]>()
            from ticks in Gen.Choose(0, int.MaxValue)
            from minutes in Gen.Choose(-14 * 60, 14 * 60)
            from price in ArbMap.Default.GeneratorFor<decimal>()
            from bytes in ArbMap.Default.GeneratorFor<byte[]>()
            from colour in Gen.Elements(Colour.Red, Colour.Green, Colour.Blue, (Colour)17)
            from drawn in shape
            from flag in ArbMap.Default.GeneratorFor<bool>()
            from failure in Gen.Elements<Exception?>(null, new InvalidOperationException("no"), new RefusedException("f", 3), new ArgumentException("bad"))
            from children in depth == 0 ? Gen.Constant<Everything[]?>(null) : Gen.ArrayOf(Messages(depth - 1), 2).Select(static c => (Everything[]?)c)
            select new Everything
            {
                Text = name, Number = number, Longs = longs ?? [], Names = [.. names], Values = keys.Distinct().ToDictionary(static k => k, k => real + k.Length),
                Set = [.. set ?? []], Pair = (ticks, drawn?.Name), At = new DateTimeOffset(DateTime.UnixEpoch.Ticks + ticks * 1000L, TimeSpan.FromMinutes(minutes)),
                For = TimeSpan.FromTicks(ticks - 5L), Key = new Guid(ticks, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), Price = price, Bytes = bytes ?? [], Colour = colour, Shape = drawn,
                Flag = flag, Real = real, Failure = failure, Children = children, At2 = new Point(ticks, -ticks), Path = [new Point(1, 2), new Point(minutes, 0)],
            };
    }

    // Half a surrogate pair is not text, and does not survive UTF-8.
    private static string Valid(string? text) => new([.. (text ?? "").Where(static c => !char.IsSurrogate(c))]);

    private static class Golden
    {
        public const string Newer = "2610091A02C3A92214020B746573742E7371756172650A0312017310062A08000000000000E03F";
        public const string Everything =
            "671201741C22002A01003201003A0100420200004A0B80C0E2A1D98BC3CF11C70650005A1000000000000000000000000000000000"
            + "62100F0000000000000000000000000001006A0070007C8401880100910100000000000000009C01A2010410001800AA010100";
    }
}
