namespace Auie.Runtime;

/// <summary>What can be addressed by a <see cref="GrainId"/>: a grain, or a reference to one.</summary>
public interface IAddressable;

/// <summary>What every grain interface derives from, through one of the interfaces that name its key.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain that is addressed by text.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>A grain that is addressed by a number.</summary>
public interface IGrainWithIntegerKey : IGrain;

/// <summary>A grain that is addressed by a GUID.</summary>
public interface IGrainWithGuidKey : IGrain;
