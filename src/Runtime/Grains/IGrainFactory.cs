namespace Auie.Runtime;

/// <summary>Makes references to grains; making one neither calls nor activates it.</summary>
/// <remarks>Where several classes implement an interface, <c>grainClassNamePrefix</c> has to say which one is meant.</remarks>
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
