using Auie.Core.Codecs;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Users;

/// <summary>Ways to damage bytes, and the rule that whatever reads them either succeeds or says that it cannot.</summary>
internal static class Damage
{
    private static readonly Gen<Func<byte[], byte[]>> Cut =
        from share in Gen.Choose(0, 99)
        select (Func<byte[], byte[]>)(bytes => bytes[..(bytes.Length * share / 100)]);

    private static readonly Gen<Func<byte[], byte[]>> Change =
        from places in Gen.Choose(0, 1_000_000).ArrayOf(3)
        from values in Gen.Choose(0, 255).ArrayOf(3)
        select (Func<byte[], byte[]>)(bytes =>
        {
            var changed = (byte[])bytes.Clone();
            for (var i = 0; i < 3 && changed.Length > 1; i++)
                changed[1 + places[i] % (changed.Length - 1)] = (byte)values[i];
            return changed;
        });

    private static readonly Gen<Func<byte[], byte[]>> Replace =
        from seed in Gen.Choose(0, int.MaxValue - 1)
        from length in Gen.Choose(0, 200)
        select (Func<byte[], byte[]>)(_ =>
        {
            var random = new byte[length + 1];
            new Random(seed).NextBytes(random);
            random[0] = (byte)(1 + (seed & 1));
            return random;
        });

    public static readonly Gen<Func<byte[], byte[]>> Any = Gen.OneOf(Cut, Change, Change, Change, Replace);

    public static void Reads(byte[] bytes, Action<byte[]> read)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            read(bytes);
        }
        catch (CodecException exception)
        {
            exception.Message.ShouldContain("cannot be read");
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000 + 2000L * bytes.Length);
    }
}
