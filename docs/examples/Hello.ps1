<#
.SYNOPSIS
    Starts a node and adds a block. Run it in the folder of Bitswap.psd1.
#>
#region README
Import-Module ./Bitswap.psd1
$node = Start-BitswapNode
Add-BitswapBlock 'hello, network' -Node $node
#endregion
