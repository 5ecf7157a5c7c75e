namespace Auie.Runtime;

/// <summary>What every grain interface derives from, through one of the interfaces that name its key.</summary>
public interface IAddressable;

/// <summary>What every grain interface derives from, through one of the interfaces that name its key.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain that is addressed by text.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>A grain that is addressed by a number.</summary>
public interface IGrainWithIntegerKey : IGrain;

/// <summary>A grain that is addressed by a GUID.</summary>
public interface IGrainWithGuidKey : IGrain;

/// <summary>Makes references to grains; making one neither calls nor activates it.</summary>
public interface IGrainFactory
{
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey;
}

/// <summary>A grain factory that reaches a cluster from outside a grain.</summary>
public interface IClusterClient : IGrainFactory;
