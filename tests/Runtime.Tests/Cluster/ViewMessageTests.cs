using Auie.Runtime.Cluster;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Tests.Cluster;

public sealed class ViewMessageTests
{
    private static readonly ClusterView Some = new(
        7,
        [
            new(new SiloId("a", 1), "10.0.0.1:11111", "1.0", SiloStatus.Active, false, new SiloLoad(10, 2, 1 << 20)),
            new(new SiloId("b", 2), "10.0.0.2:11111", "1.1", SiloStatus.Draining, true, default),
        ],
        [new SiloId("a", 1), null, new SiloId("b", 2)]);

    [Fact]
    public void A_view_is_read_as_it_was_written()
    {
        var read = ViewMessage.Read(Written(Some));
        read.Version.ShouldBe(7);
        read.Silos.ShouldBe(Some.Silos);
        read.Owners.ShouldBe(Some.Owners);
    }

    [Fact]
    public void That_the_table_is_gone_is_told_beside_it_and_else_nothing_is()
    {
        using var writer = new WireWriter();
        ViewMessage.Write(writer, Some, isTableGone: true);
        ViewMessage.Read(writer.Written, out var isTableGone).Silos.ShouldBe(Some.Silos);
        isTableGone.ShouldBeTrue();
        ViewMessage.Read(Written(Some), out isTableGone);
        isTableGone.ShouldBeFalse();
    }

    /// <summary>Silos of one version have to be understood by the next: these bytes stay as they are.</summary>
    [Fact]
    public void Its_bytes_are_the_same_as_ever() => Convert.ToHexStringLower(Written(Some)).ShouldBe(
        "000e0a270201610802120e31302e302e302e313a31313131311a03312e30200028003014380440808080010a240201620804120e31302e302e302e323a31313131311a03312e31200128013000380040001203010002");

    [Fact]
    public void What_is_no_view_is_refused()
    {
        var bytes = Written(Some);
        for (var length = 1; length < bytes.Length; length++)
        {
            try
            {
                ViewMessage.Read(bytes.AsSpan(0, length)).Owners.Count.ShouldBeLessThanOrEqualTo(3);
            }
            catch (WireFormatException)
            {
                // As it should be.
            }
        }

        // An owner that is no silo of the view.
        bytes[^1] = 9;
        Should.Throw<WireFormatException>(() => ViewMessage.Read(bytes));
    }

    private static byte[] Written(ClusterView view)
    {
        using var writer = new WireWriter();
        ViewMessage.Write(writer, view);
        return writer.Written.ToArray();
    }
}
