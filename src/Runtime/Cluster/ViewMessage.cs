using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>
/// A <see cref="ClusterView"/> as silos tell it to whom is connected to them: fields for its version and the number of slots, one field a silo (name, generation, address,
/// version, status, expired, load), the owner of each slot as the position of its silo plus one, 0 for none, and, where it is so, that the membership table is gone.
/// </summary>
internal static class ViewMessage
{
    private const uint VersionField = 0, SiloField = 1, OwnersField = 2, TableGoneField = 3;
    private const uint NameField = 0, GenerationField = 1, AddressField = 2, ProgramField = 3, StatusField = 4, ExpiredField = 5, ActivationsField = 6, PendingField = 7,
        MemoryField = 8;

    /// <param name="isTableGone">Whether the silo that tells it waits for the table no more: the view is old, and no lease of its own runs.</param>
    public static void Write(WireWriter writer, ClusterView view, bool isTableGone = false)
    {
        writer.WriteField(VersionField, ScalarCodecs.Int64, view.Version);
        var positions = new Dictionary<SiloId, int>();
        foreach (var silo in view.Silos)
        {
            positions[silo.Id] = positions.Count + 1;
            writer.WriteTag(SiloField, WireType.Length);
            var block = writer.BeginBlock();
            writer.WriteField(NameField, ScalarCodecs.String, silo.Id.Name);
            writer.WriteField(GenerationField, ScalarCodecs.Int64, silo.Id.Generation);
            writer.WriteField(AddressField, ScalarCodecs.String, silo.Address);
            writer.WriteField(ProgramField, ScalarCodecs.String, silo.Version);
            writer.WriteField(StatusField, ScalarCodecs.Byte, (byte)silo.Status);
            writer.WriteField(ExpiredField, ScalarCodecs.Boolean, silo.Expired);
            writer.WriteField(ActivationsField, ScalarCodecs.Int32, silo.Load.Activations);
            writer.WriteField(PendingField, ScalarCodecs.Int64, silo.Load.Pending);
            writer.WriteField(MemoryField, ScalarCodecs.Int64, silo.Load.MemoryBytes);
            writer.EndBlock(block);
        }

        writer.WriteTag(OwnersField, WireType.Length);
        var owners = writer.BeginBlock();
        foreach (var owner in view.Owners)
            writer.WriteVarint(owner is { } id ? (ulong)positions.GetValueOrDefault(id) : 0);
        writer.EndBlock(owners);
        if (isTableGone)
            writer.WriteField(TableGoneField, ScalarCodecs.Boolean, isTableGone);
    }

    /// <exception cref="WireFormatException">The bytes are not a view.</exception>
    public static ClusterView Read(ReadOnlySpan<byte> bytes) => Read(bytes, out _);

    /// <inheritdoc cref="Read(ReadOnlySpan{byte})"/>
    public static ClusterView Read(ReadOnlySpan<byte> bytes, out bool isTableGone)
    {
        isTableGone = false;
        long version = 0;
        var silos = new List<SiloInfo>();
        var owners = new List<int>();
        var reader = new WireReader(bytes);
        while (reader.TryReadTag(out var number, out var type))
        {
            switch (number)
            {
                case VersionField: version = reader.ReadField(type, ScalarCodecs.Int64); break;
                case SiloField when type == WireType.Length: silos.Add(ReadSilo(ref reader)); break;
                case OwnersField when type == WireType.Length:
                    var after = reader.EnterBlock();
                    while (!reader.AtEnd)
                    {
                        var position = reader.ReadVarint();
                        owners.Add(position <= int.MaxValue ? (int)position : throw new WireFormatException($"There is no silo {position}."));
                    }

                    reader.LeaveBlock(after);
                    break;
                case TableGoneField: isTableGone = reader.ReadField(type, ScalarCodecs.Boolean); break;
                default: reader.Skip(type); break;
            }
        }

        return new(version, silos, owners.ConvertAll(position => position == 0 ? (SiloId?)null
            : position <= silos.Count ? silos[position - 1].Id : throw new WireFormatException($"There is no silo {position}.")));
    }

    private static SiloInfo ReadSilo(ref WireReader reader)
    {
        string name = "", address = "", program = "";
        long generation = 0, pending = 0, memory = 0;
        SiloStatus status = default;
        var expired = false;
        var activations = 0;
        var after = reader.EnterBlock();
        while (reader.TryReadTag(out var number, out var type))
        {
            switch (number)
            {
                case NameField: name = reader.ReadField(type, ScalarCodecs.String) ?? ""; break;
                case GenerationField: generation = reader.ReadField(type, ScalarCodecs.Int64); break;
                case AddressField: address = reader.ReadField(type, ScalarCodecs.String) ?? ""; break;
                case ProgramField: program = reader.ReadField(type, ScalarCodecs.String) ?? ""; break;
                case StatusField: status = (SiloStatus)reader.ReadField(type, ScalarCodecs.Byte); break;
                case ExpiredField: expired = reader.ReadField(type, ScalarCodecs.Boolean); break;
                case ActivationsField: activations = reader.ReadField(type, ScalarCodecs.Int32); break;
                case PendingField: pending = reader.ReadField(type, ScalarCodecs.Int64); break;
                case MemoryField: memory = reader.ReadField(type, ScalarCodecs.Int64); break;
                default: reader.Skip(type); break;
            }
        }

        reader.LeaveBlock(after);
        return new(new SiloId(name, generation), address, program, status, expired, new SiloLoad(activations, pending, memory));
    }
}
