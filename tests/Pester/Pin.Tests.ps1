BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # a root that links to two leaves under names
    function New-Graph {
        param($Node, [string] $Shared = "shared $([guid]::NewGuid())")
        $one = (Add-BitswapBlock "one $([guid]::NewGuid())" -Node $Node).Cid
        $two = (Add-BitswapBlock $Shared -Node $Node).Cid
        $root = (Add-BitswapBlock "{`"a`":{`"/`":`"$one`"},`"b`":{`"/`":`"$two`"}}" -Codec dag-json -Node $Node).Cid
        [pscustomobject]@{ Root = $root; One = $one; Two = $two }
    }
}

AfterAll {
    Clear-Nodes
}

Describe 'Pins' {
    BeforeAll {
        $pair = New-NodePair
        $graph = New-Graph $pair.Provider
    }

    It 'fetches what is missing and pins it' {
        $pin = $graph.Root | Add-BitswapPin -Name 'a graph' -Node $pair.Client
        $pin | Should -BeOfType ([Bitswap.BitswapPin])
        $pin.Cid | Should -Be $graph.Root
        $pin.Recursive | Should -BeTrue
        $pin.Name | Should -Be 'a graph'
        Test-BitswapDag $graph.Root -Quiet -Node $pair.Client | Should -BeTrue
    }

    It 'lists pins and finds one' {
        $direct = Add-BitswapPin $graph.One -Direct -Node $pair.Client
        $direct.Recursive | Should -BeFalse
        (Get-BitswapPin -Node $pair.Client).Cid | Should -Be $graph.Root, $graph.One
        (Get-BitswapPin $graph.Root -Node $pair.Client).Name | Should -Be 'a graph'
    }

    It 'takes pins away' {
        Remove-BitswapPin $graph.One -Node $pair.Client -WhatIf
        (Get-BitswapPin -Node $pair.Client).Count | Should -Be 2
        Get-BitswapPin -Node $pair.Client | Remove-BitswapPin
        Get-BitswapPin -Node $pair.Client | Should -BeNullOrEmpty
    }

    It 'says when something is not pinned' {
        (Get-Failure { Remove-BitswapPin $graph.One -Node $pair.Client -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PinNotFound,*'
        (Get-Failure { Get-BitswapPin $graph.One -Node $pair.Client -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PinNotFound,*'
    }

    It 'pins nothing that is not whole' {
        $unknown = New-UnknownCid
        $root = (Add-BitswapBlock "{`"/`":`"$unknown`"}" -Codec dag-json -Node $pair.Client).Cid
        $failure = Get-Failure { Add-BitswapPin $root -Local -Node $pair.Client -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'DagIncomplete,*'
        $failure.TargetObject | Should -Be $unknown
        Get-BitswapPin -Node $pair.Client | Should -BeNullOrEmpty
    }

    It 'lets no single block below a pin go, unless it is forced' {
        $node = Start-BitswapNode
        $kept = New-Graph $node
        $null = Add-BitswapPin $kept.Root -Local -Node $node
        $loose = (Add-BitswapBlock 'loose' -Node $node).Cid
        $failures = $null
        $kept.Root, $kept.Two, $loose | Remove-BitswapBlock -Node $node -ErrorAction SilentlyContinue -ErrorVariable failures
        $failures.FullyQualifiedErrorId | Should -Be (@('Pinned,Bitswap.Commands.RemoveBitswapBlockCommand') * 2)
        $failures.TargetObject | Should -Be $kept.Root, $kept.Two
        Test-BitswapBlock $kept.Root, $kept.Two, $loose -Node $node | Should -Be $true, $true, $false
        Remove-BitswapBlock $kept.Two -Force -Node $node
        Test-BitswapBlock $kept.Two -Node $node | Should -BeFalse
        Stop-BitswapNode $node -Force
    }

    It 'keeps pins with the repository' {
        $folder = New-TemporaryFolder
        try {
            $node = Start-BitswapNode -Path $folder
            $cid = (Add-BitswapBlock 'kept' -Node $node).Cid
            $null = Add-BitswapPin $cid -Node $node
            $node | Stop-BitswapNode
            $node = Start-BitswapNode -Path $folder
            (Get-BitswapPin -Node $node).Cid | Should -Be $cid
            $node | Stop-BitswapNode
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

Describe 'Clear-BitswapStore' {
    BeforeEach {
        $node = Start-BitswapNode
        $kept = New-Graph $node
        $loose = New-Graph $node
        $null = Add-BitswapPin $kept.Root -Local -Node $node
    }

    AfterEach {
        Stop-BitswapNode $node -Force
    }

    It 'removes what is not pinned and gives it out' {
        $removed = Clear-BitswapStore -Node $node -Confirm:$false
        $removed.Count | Should -Be 3
        $removed | Should -BeOfType ([Bitswap.BitswapBlock])
        ($removed | Measure-Object Size -Sum).Sum | Should -BeGreaterThan 0
        Test-BitswapDag $kept.Root -Quiet -Node $node | Should -BeTrue
        Test-BitswapBlock $loose.Root, $loose.One, $loose.Two -Node $node | Should -Not -Contain $true
        Clear-BitswapStore -Node $node -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'removes nothing with -WhatIf' {
        Clear-BitswapStore -Node $node -WhatIf | Should -BeNullOrEmpty
        Test-BitswapBlock $loose.Root -Node $node | Should -BeTrue
    }

    It 'stops where a pinned graph is not whole, unless it is forced' {
        $other = New-Graph $node
        $top = (Add-BitswapBlock "{`"/`":`"$($other.Root)`"}" -Codec dag-json -Node $node).Cid
        $null = Add-BitswapPin $top -Local -Node $node
        Remove-BitswapBlock $other.Root -Force -Node $node
        (Get-Failure { Clear-BitswapStore -Node $node -Confirm:$false }).FullyQualifiedErrorId | Should -BeLike 'PinIncomplete,*'
        Test-BitswapBlock $loose.Root -Node $node | Should -BeTrue
        (Clear-BitswapStore -Force -Node $node -Confirm:$false).Count | Should -Be 5
        Test-BitswapBlock $top, $kept.One -Node $node | Should -Be $true, $true
    }
}

Describe 'Remove-BitswapFile' {
    BeforeEach {
        $node = Start-BitswapNode
        $going = New-Graph $node 'shared'
        $kept = New-Graph $node 'shared'
        $null = Add-BitswapPin $kept.Root -Local -Node $node
    }

    AfterEach {
        Stop-BitswapNode $node -Force
    }

    It 'removes a graph but for what a pin keeps' {
        $going.Root | Remove-BitswapFile -Node $node | Should -BeNullOrEmpty
        Test-BitswapBlock $going.Root, $going.One, $going.Two -Node $node | Should -Be $false, $false, $true
        Test-BitswapDag $kept.Root -Quiet -Node $node | Should -BeTrue
    }

    It 'gives out what is gone on request, and removes nothing with -WhatIf' {
        Remove-BitswapFile $going.Root -Node $node -WhatIf
        Test-BitswapBlock $going.Root -Node $node | Should -BeTrue
        (Remove-BitswapFile $going.Root -PassThru -Node $node).Cid | Should -Be $going.Root, $going.One
    }

    It 'refuses what is pinned unless it is forced' {
        (Get-Failure { Remove-BitswapFile $kept.Root -Node $node -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'Pinned,*'
        Remove-BitswapFile $kept.Root -Force -Node $node
        Get-BitswapPin -Node $node | Should -BeNullOrEmpty
        Test-BitswapBlock $kept.Root -Node $node | Should -BeFalse
    }

    It 'says when there is nothing to remove' {
        (Get-Failure { Remove-BitswapFile (New-UnknownCid) -Node $node -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'BlockNotFound,*'
    }
}

Describe 'Test-BitswapDag' {
    BeforeAll {
        $pair = New-NodePair
        $graph = New-Graph $pair.Provider
        $other = New-Graph $pair.Provider
        Remove-BitswapBlock $other.Two -Node $pair.Provider
    }

    It 'gives nothing of a graph that is whole' {
        Test-BitswapDag $graph.Root -Node $pair.Provider | Should -BeNullOrEmpty
        Test-BitswapDag $graph.Root, $other.Root -Quiet -Node $pair.Provider | Should -Be $true, $false
    }

    It 'tells what is missing' {
        $gap = $graph.Root, $other.Root | Test-BitswapDag -Node $pair.Provider
        $gap | Should -BeOfType ([Bitswap.BitswapDagGap])
        $gap.Cid | Should -Be $other.Two
        $gap.Parent | Should -Be $other.Root
        $gap.Root | Should -Be $other.Root
        $gap.State | Should -Be 'Missing'
        $gap.Depth | Should -Be 1
    }

    It 'tells what cannot be read' {
        $odd = (Add-BitswapBlock 'no json' -Codec dag-json -Node $pair.Provider).Cid
        $gap = Test-BitswapDag $odd -Node $pair.Provider
        $gap.State | Should -Be 'Unreadable'
        $gap.Reason | Should -BeLike '*Not dag-json*'
    }

    It 'asks nobody without -Peer' {
        $gap = Test-BitswapDag $graph.Root -Node $pair.Client
        $gap.Cid | Should -Be $graph.Root
        $gap.Parent | Should -BeNullOrEmpty
    }

    It 'asks a peer' {
        Test-BitswapDag $graph.Root -Peer $pair.Provider -Node $pair.Client | Should -BeNullOrEmpty
        (Test-BitswapDag $other.Root -Peer $pair.Provider -Node $pair.Client).Cid | Should -Be $other.Two
        Test-BitswapBlock $graph.One -Node $pair.Client | Should -BeFalse -Because 'leaves are only asked for'
        Test-BitswapDag (New-UnknownCid) -Peer $pair.Provider -Quiet -Node $pair.Client | Should -BeFalse
    }

    It 'waits for a silent peer once, and not for each block' {
        $network = New-BitswapTestNetwork -Seed 5
        $asker, $mute, $other = 1..3 | ForEach-Object { Start-BitswapNode -Network $network }
        foreach ($peer in $mute, $other) { $null = Connect-BitswapPeer $peer -Node $asker }
        # many more leaves than are asked for at once
        $links = @(1..200 | ForEach-Object { @{ '/' = "$((Get-BitswapCid "leaf $_").Cid)" } }) | ConvertTo-Json -Compress
        $root = Add-BitswapBlock $links -Codec dag-json -Node $asker
        $network.SetSilent($mute, $true)
        try {
            $timer = [Diagnostics.Stopwatch]::StartNew()
            $gaps = Test-BitswapDag $root -Peer $mute -Node $asker -TimeoutSeconds 1.5
            $timer.Elapsed.TotalSeconds | Should -BeGreaterThan 1.4
            # one by one it would be at least 7 times as long
            $timer.Elapsed.TotalSeconds | Should -BeLessThan 6
            $gaps.Count | Should -Be 200
            $gaps[-1].Reason | Should -BeLike '*did not answer earlier requests for 1.5 seconds*'

            # who answers is asked on
            $null = 1..199 | ForEach-Object { "leaf $_" } | Add-BitswapBlock -Node $other
            $timer.Restart()
            $gap = Test-BitswapDag $root -Peer $mute, $other -Node $asker -TimeoutSeconds 1.5
            $timer.Elapsed.TotalSeconds | Should -BeLessThan 6
            $gap.Cid | Should -Be (Get-BitswapCid 'leaf 200').Cid
            $gap.Reason | Should -BeLike "*$($other.PeerId) DontHave*"

            # a silent peer that all below the root hangs on
            $copy = Add-BitswapBlock ('[{"/":"{0}"}]'.Replace('{0}', "$($root.Cid)")) -Codec dag-json -Node $other
            $null = Get-BitswapBlock $root -Local -Raw -Node $asker | Add-BitswapBlock -Codec dag-json -Node $other
            Remove-BitswapBlock $root -Node $asker -Confirm:$false
            $timer.Restart()
            Test-BitswapDag $copy -Peer $mute, $other -Node $asker -TimeoutSeconds 1.5 | ForEach-Object Cid | Should -Be $gap.Cid
            $timer.Elapsed.TotalSeconds | Should -BeLessThan 6
        }
        finally {
            $network.Dispose()
        }
    }
}
