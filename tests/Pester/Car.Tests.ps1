BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder

    # a root that links to an inner block and a leaf, and the inner one to the same leaf and another
    function New-Graph {
        param($Node)
        $one = (Add-BitswapBlock "one $([guid]::NewGuid())" -Node $Node).Cid
        $two = (Add-BitswapBlock "two $([guid]::NewGuid())" -Node $Node).Cid
        $inner = (Add-BitswapBlock "[{`"/`":`"$two`"},{`"/`":`"$one`"}]" -Codec dag-json -Node $Node).Cid
        $root = (Add-BitswapBlock "{`"a`":{`"/`":`"$inner`"},`"b`":{`"/`":`"$one`"}}" -Codec dag-json -Node $Node).Cid
        [pscustomobject]@{ Root = $root; Inner = $inner; One = $one; Two = $two; All = @($root, $inner, $two, $one) }
    }
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Export-BitswapCar and Import-BitswapCar' {
    BeforeAll {
        $from = Start-BitswapNode
        $to = Start-BitswapNode
        $graph = New-Graph $from
        $path = Join-Path $folder 'graph.car'
        $car = $graph.Root | Export-BitswapCar -Path $path -Node $from
    }

    It 'tells what it wrote' {
        $car | Should -BeOfType ([Bitswap.BitswapCar])
        $car.Path | Should -Be $path
        $car.Version | Should -Be 1
        $car.Blocks | Should -Be 4
        $car.Size | Should -Be (Get-Item -LiteralPath $path).Length
        $car.Roots | Should -Be $graph.Root
    }

    It 'leaves nothing else behind' {
        (Get-ChildItem -LiteralPath $folder -Force).Name | Should -Be 'graph.car'
    }

    It 'makes the same bytes each time' {
        $again = Export-BitswapCar $graph.Root (Join-Path $folder 'again.car') -Node $from
        (Get-FileHash $again.Path).Hash | Should -Be (Get-FileHash $path).Hash
    }

    It 'moves a graph to another node' {
        $read = Import-BitswapCar $path -Node $to
        $read.Blocks | Should -Be 4
        $read.Size | Should -Be $car.Size
        $read.Roots | Should -Be $graph.Root
        Test-BitswapDag $graph.Root -Node $to | Should -BeNullOrEmpty
        Test-BitswapBlock $graph.All -Node $to | Should -Not -Contain $false
        Get-BitswapPin -Node $to | Should -BeNullOrEmpty
    }

    It 'takes files from the pipeline and pins their roots on request' {
        $null = Get-Item -LiteralPath $path | Import-BitswapCar -Pin -Node $to
        (Get-BitswapPin -Node $to).Cid | Should -Be $graph.Root
    }

    It 'pins no root whose graph is not whole, and says which block is missing' {
        $other = New-Graph $from
        $bare = Start-BitswapNode
        $absent = New-UnknownCid
        # a CAR of the root block alone, with a root that it does not hold and one that it does
        $node = Start-BitswapNode
        $null = Get-BitswapBlock $other.Root -Local -Raw -Node $from | Add-BitswapBlock -Codec dag-json -Node $node
        $list = [IO.MemoryStream]::new()
        $header = [Convert]::FromHexString('a265726f6f747382') + @(foreach ($root in [Bitswap.Cid[]] ($absent, $other.Root)) {
                [byte[]](0xd8, 0x2a, 0x58, ($root.ByteLength + 1), 0) + $root.ToByteArray()
            }) + [Convert]::FromHexString('6776657273696f6e01')
        $data = Get-BitswapBlock $other.Root -Local -Raw -Node $from
        $section = ([Bitswap.Cid] $other.Root).ToByteArray() + $data
        foreach ($part in $header, $section) {
            for ($length = $part.Length; $length -ge 128; $length = $length -shr 7) { $list.WriteByte(($length -band 127) -bor 128) }
            $list.WriteByte($length)
            $list.Write([byte[]] $part)
        }
        $torn = Join-Path $folder 'torn.car'
        [IO.File]::WriteAllBytes($torn, $list.ToArray())

        $read = Import-BitswapCar $torn -Pin -Node $bare -ErrorAction SilentlyContinue -ErrorVariable failures
        $read.Blocks | Should -Be 1
        $read.Pinned | Should -BeNullOrEmpty
        $failures.FullyQualifiedErrorId | Should -Be (@('DagIncomplete,Bitswap.Commands.ImportBitswapCarCommand') * 2)
        $failures.TargetObject | Should -Be $absent, $other.Inner
        Get-BitswapPin -Node $bare | Should -BeNullOrEmpty
        Test-BitswapBlock $other.Root -Node $bare | Should -BeTrue
        { Clear-BitswapStore -Node $bare -Confirm:$false } | Should -Not -Throw

        # what the CAR lacks may be in the store
        foreach ($block in $other.Inner, $other.One, $other.Two) {
            $null = Get-BitswapBlock $block -Local -Raw -Node $from | Add-BitswapBlock -Codec (Get-BitswapCid -Cid $block).Codec -Node $bare
        }
        $read = Import-BitswapCar $torn -Pin -Node $bare -ErrorAction SilentlyContinue -ErrorVariable failures
        $read.Pinned | Should -Be $other.Root
        $failures.TargetObject | Should -Be $absent
        (Get-BitswapPin -Node $bare).Cid | Should -Be $other.Root
        Remove-Item -LiteralPath $torn
    }

    It 'does not replace a file unless it is told to' {
        $failure = Get-Failure { Export-BitswapCar $graph.One $path -Node $from }
        $failure.FullyQualifiedErrorId | Should -BeLike 'CarExists,*'
        (Export-BitswapCar $graph.Root, $graph.One $path -Force -Node $from).Roots | Should -Be $graph.Root, $graph.One
        $null = Export-BitswapCar $graph.Root $path -Force -Node $from
    }

    It 'writes to a device or a pipe with -Force, and leaves it what it is' -Skip:(-not $IsLinux) {
        $pipe = Join-Path $folder 'pipe'
        mkfifo $pipe
        $null = Export-BitswapCar $graph.Root /dev/null -Force -Node $from
        $read = Start-ThreadJob { (Get-FileHash -LiteralPath $using:pipe).Hash }
        (Export-BitswapCar $graph.Root $pipe -Force -Node $from).Blocks | Should -Be 4
        $read | Receive-Job -Wait -AutoRemoveJob | Should -Be (Get-FileHash -LiteralPath $path).Hash
        stat -c %F /dev/null $pipe | Should -Be 'character special file', 'fifo'
        Remove-Item -LiteralPath $pipe
        (Get-Failure { Export-BitswapCar $graph.Root /dev/null -Node $from }).FullyQualifiedErrorId | Should -BeLike 'CarExists,*'
    }

    It 'tells of a folder that is not there, and takes a name of 250 bytes' {
        $failure = Get-Failure { Export-BitswapCar $graph.Root (Join-Path $folder 'none/a.car') -Node $from }
        $failure.FullyQualifiedErrorId | Should -Be 'OutFileFailed,Bitswap.Commands.ExportBitswapCarCommand'
        $long = Join-Path $folder ('n' * 250)
        (Export-BitswapCar $graph.Root $long -Node $from).Size | Should -Be (Get-Item -LiteralPath $path).Length
        Remove-Item -LiteralPath $long
    }

    It 'writes nothing with -WhatIf' {
        Export-BitswapCar $graph.Root (Join-Path $folder 'whatif.car') -Node $from -WhatIf
        Join-Path $folder 'whatif.car' | Should -Not -Exist
    }

    It 'writes no file when a block is missing, and names it' {
        Remove-BitswapBlock $graph.Two -Force -Node $to
        $failure = Get-Failure { Export-BitswapCar $graph.Root (Join-Path $folder 'partial.car') -Local -Node $to }
        $failure.FullyQualifiedErrorId | Should -BeLike 'BlockNotFound,*'
        $failure.TargetObject | Should -Be $graph.Two
        (Get-ChildItem -LiteralPath $folder -Force).Name | Should -Not -BeLike '*partial*'
    }

    It 'fetches what is not there' {
        $null = Connect-BitswapPeer $from -Node $to
        $fetched = Export-BitswapCar $graph.Root (Join-Path $folder 'fetched.car') -Node $to
        (Get-FileHash $fetched.Path).Hash | Should -Be (Get-FileHash $path).Hash
    }
}

Describe 'Import-BitswapCar of what is damaged' {
    BeforeAll {
        $from = Start-BitswapNode
        $to = Start-BitswapNode
        $graph = New-Graph $from
        $path = (Export-BitswapCar $graph.Root (Join-Path $folder 'whole.car') -Node $from).Path
        $bytes = [IO.File]::ReadAllBytes($path)
        $broken = Join-Path $folder 'broken.car'
    }

    It 'keeps the blocks before the damage and tells where it begins' {
        # the last block is the leaf 'one'; its section begins with a length byte and a CID of 36 bytes
        $size = (Get-BitswapBlock $graph.One -Local -Node $from).Size
        $at = $bytes.Length - $size - 37
        $damaged = $bytes.Clone()
        $damaged[-1] = $damaged[-1] -bxor 1
        [IO.File]::WriteAllBytes($broken, $damaged)
        $failure = Get-Failure { Import-BitswapCar $broken -Node $to -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidCar,*'
        $failure.CategoryInfo.Category | Should -Be 'InvalidData'
        $failure.Exception.Offset | Should -Be $at
        $failure.ErrorDetails.Message | Should -BeLike "*at byte $at*3 blocks before it are stored*"
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Test-BitswapBlock $graph.Root, $graph.Inner, $graph.Two, $graph.One -Node $to | Should -Be $true, $true, $true, $false
    }

    It 'goes on with the next file' {
        [IO.File]::WriteAllBytes($broken, $bytes[0..($bytes.Length - 2)])
        $read = Import-BitswapCar $broken, $path -Node $to -ErrorAction SilentlyContinue -ErrorVariable failures
        $read.Path | Should -Be $path
        $failures.Count | Should -Be 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'InvalidCar,*'
    }

    It 'pins nothing of it' {
        Import-BitswapCar $broken -Pin -Node $to -ErrorAction SilentlyContinue
        Get-BitswapPin -Node $to | Should -BeNullOrEmpty
    }

    It 'refuses what is no CAR' {
        $text = Join-Path $folder 'text.car'
        Set-Content -LiteralPath $text -Value 'this is no CAR at all'
        (Get-Failure { Import-BitswapCar -LiteralPath $text -Node $to -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'InvalidCar,*'
        (Get-Failure { Import-BitswapCar (Join-Path $folder 'none.car') -Node $to -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
    }
}
